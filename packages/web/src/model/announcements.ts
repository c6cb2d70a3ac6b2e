import type { Client } from "@hubbub/client";
import { type RoomEvent, ANNOUNCEMENTS_ROOM as room } from "@hubbub/protocol";
import type { PageStorage } from "./page-storage.ts";
import { persist } from "./persist.ts";

export interface Announcement {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly text: string;
}

/** Older ones are no news. */
const SHOWN_MS = 7 * 86_400_000;
/** Changes of earlier ones may stand above the newest. */
const LOOKED_AT = 20;
const DISMISSED = "announcement";

interface AnnouncementsHost {
  readonly client: Pick<Client, "room" | "http">;
  readonly storage: PageStorage;
  readonly signal: AbortSignal;
  changed(newest: Announcement | undefined): void;
}

/** The newest announcement to everybody, until the user has dismissed it in this browser. */
export class Announcements {
  readonly #host: AnnouncementsHost;
  #newest: Announcement | undefined;

  constructor(host: AnnouncementsHost) {
    this.#host = host;
  }

  /** Hears the room first: nothing is missed between that and the page of the past. */
  async start(): Promise<void> {
    const { client, signal } = this.#host;
    client.room(room).subscribe({ onEvent: (event) => this.#hear(event) });
    const page = await persist(() => client.http.history(room, { limit: LOOKED_AT }), signal);
    const deleted = new Set((page?.states ?? []).flatMap((state) => (state.deleted ? [state.seq] : [])));
    for (const event of page?.messages ?? []) if (!deleted.has(event.seq)) this.#hear(event);
  }

  dismiss(): void {
    if (this.#newest === undefined) return;
    this.#host.storage.set(DISMISSED, String(this.#newest.seq));
    this.#show(undefined);
  }

  #hear(event: RoomEvent): void {
    const { seq, at, by } = event;
    if (event.kind === "delete" && event.target === this.#newest?.seq) this.#show(undefined);
    if (event.kind !== "message" || seq < (this.#newest?.seq ?? 0) || Date.now() - at > SHOWN_MS) return;
    if (seq <= Number(this.#host.storage.get(DISMISSED) ?? 0)) return;
    this.#show({ seq, at, by: by.username, text: event.text });
  }

  #show(newest: Announcement | undefined): void {
    this.#newest = newest;
    if (!this.#host.signal.aborted) this.#host.changed(newest);
  }
}
