import type { Client, Head, PersonalFrame } from "@hubbub/client";
import type { PublicUser } from "@hubbub/protocol";
import { persist } from "../../persist.ts";
import type { ServerLine } from "../server-lines.ts";
import { callsIn, type Rooms, withHead, withNews, without, withState } from "./rooms.ts";

/** Counts of followed rooms are asked for at most so often. */
const COUNT_MS = 3_000;

interface RosterHost {
  readonly client: Client;
  me(): PublicUser | undefined;
  changed(): void;
  /** The user is no member of the room any more. */
  left(room: string): void;
  /** Texts that the server keeps for rooms, all of them or one that is new. */
  drafts(drafts: readonly ServerLine[]): void;
  /** There are more mentions or direct messages than before, besides those in the room that `attended` answers. */
  called(): void;
  attended(): string | undefined;
  failed(error: unknown): void;
}

/** The rooms of the user with their counts: from `GET /me/state`, and between two of these from heads and personal news. */
export class Roster {
  rooms: Rooms = new Map();
  invitations = 0;
  readonly #host: RosterHost;
  readonly #followed = new Set<string>();
  readonly #ended = new AbortController();
  #stateAt: number | undefined;
  #counting: ReturnType<typeof setTimeout> | undefined;

  constructor(host: RosterHost) {
    this.#host = host;
    host.client.on("personal", (news) => this.#news(news));
  }

  /** Another list; new rooms of it are followed. */
  change(rooms: Rooms): void {
    const but = this.#host.attended();
    const isCalled = this.rooms.size > 0 && callsIn(rooms, but) > callsIn(this.rooms, but);
    this.rooms = rooms;
    if (isCalled) this.#host.called();
    const fresh = [...rooms.keys()].filter((id) => !this.#followed.has(id));
    if (fresh.length > 0) this.#follow(fresh);
    this.#host.changed();
  }

  remove(room: string): void {
    this.#followed.delete(room);
    this.change(without(this.rooms, room));
  }

  /** Asks for counts soon, once for all reasons that come together. */
  count(delayMs = COUNT_MS): void {
    if (delayMs === 0) clearTimeout(this.#counting);
    else if (this.#counting !== undefined) return;
    this.#counting = setTimeout(() => {
      this.#counting = undefined;
      persist(() => this.load(), this.#ended.signal).catch((error: unknown) => this.#host.failed(error));
    }, delayMs);
  }

  end(): void {
    this.#ended.abort();
    clearTimeout(this.#counting);
  }

  /** @throws HubbubError */
  async load(): Promise<void> {
    const since = this.#stateAt;
    const page = await this.#host.client.userState(since);
    if (this.#ended.signal.aborted) return;
    this.#stateAt = page.at;
    this.invitations = page.invitations?.length ?? 0;
    this.#host.drafts(page.drafts ?? []);
    this.change(withState(this.rooms, page, since === undefined));
    // A room was lost meanwhile: only the whole list shows which.
    if (since === undefined || page.joined === this.rooms.size) return;
    this.#stateAt = undefined;
    this.count();
  }

  #follow(rooms: readonly string[]): void {
    for (const id of rooms) this.#followed.add(id);
    this.#host.client.followHeads(rooms, {
      onHead: (head) => this.#head(head),
      onRefused: (room) => void this.#followed.delete(room),
    });
  }

  #head(head: Head): void {
    this.change(withHead(this.rooms, head, this.#host.me()));
    this.count();
  }

  #news(news: PersonalFrame): void {
    if (news.kind === "left") this.#host.left(news.room);
    else if (news.kind === "draft") this.#host.drafts([news]);
    else if (news.kind === "missed") this.count(news.afterMs);
    else if (news.kind === "joined" || news.kind === "invited") this.count();
    this.change(withNews(this.rooms, news));
  }
}
