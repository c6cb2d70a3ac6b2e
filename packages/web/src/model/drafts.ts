import { HubbubError, type HubbubHttp, type PersonalFrame } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";
import { persist } from "./persist.ts";
import type { Words } from "./words.ts";

/** Drafts of other connections that came in, by room: only that one is new matters. */
export type TakenDrafts = ReadonlyMap<RoomId, number>;

/** After the last key. */
const QUIET_MS = 800;

interface DraftsHost {
  readonly http: Pick<HubbubHttp, "state" | "setDraft" | "removeDraft">;
  readonly words: Words;
  readonly signal: AbortSignal;
  changed(taken: TakenDrafts): void;
}

/** Keeps drafts at the server too, so that the user's other browsers have them. The later text of a room wins. */
export class Drafts {
  readonly #host: DraftsHost;
  /** One for each room whose text the server does not have yet. */
  readonly #timers = new Map<RoomId, ReturnType<typeof setTimeout>>();
  /** Rooms of which the server has a text. */
  readonly #stored = new Set<RoomId>();
  /** When a box was emptied here: what was sent must not come back into it. Bounded by the rooms of one visit. */
  readonly #emptied = new Map<RoomId, number>();
  #taken: TakenDrafts = new Map();

  constructor(host: DraftsHost) {
    this.#host = host;
    host.signal.addEventListener("abort", () => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
    });
  }

  /** Takes what other browsers have left. */
  async load(): Promise<void> {
    const { http, signal } = this.#host;
    const state = await persist(() => http.state(), signal);
    for (const { room, text, at } of state?.drafts ?? []) this.#take(room, text, at);
  }

  hear(news: PersonalFrame): void {
    if (news.kind === "draft") this.#take(news.room, news.text, news.at);
  }

  /** "": it was sent, or removed. */
  typed(room: RoomId, text: string): void {
    const at = Date.now();
    this.#host.words.setDraft(room, text, at);
    if (text === "") this.#emptied.set(room, at);
    clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
    if (text !== "" || this.#stored.has(room)) this.#storeSoon(room, text, at);
  }

  #storeSoon(room: RoomId, text: string, at: number): void {
    const store = (): void => {
      this.#timers.delete(room);
      this.#store(room, text, at).catch(reportError);
    };
    this.#timers.set(room, setTimeout(store, text === "" ? 0 : QUIET_MS));
  }

  #take(room: RoomId, text: string, at: number): void {
    if (text === "") this.#stored.delete(room);
    else this.#stored.add(room);
    const { words } = this.#host;
    const emptiedAt = this.#emptied.get(room) ?? 0;
    // Its removal may have gone before this browser knew that the server has it.
    const isSent = text !== "" && at <= emptiedAt && words.draft(room) === "";
    if (isSent && !this.#timers.has(room)) this.#storeSoon(room, "", emptiedAt);
    if (at <= Math.max(words.draftAt(room), emptiedAt)) return;
    words.setDraft(room, text, at);
    this.#taken = new Map(this.#taken).set(room, at);
    this.#host.changed(this.#taken);
  }

  /** A refusal leaves the text in this browser. */
  async #store(room: RoomId, text: string, at: number): Promise<void> {
    const { http, signal } = this.#host;
    if (text === "") this.#stored.delete(room);
    else this.#stored.add(room);
    const isNewest = () => !this.#timers.has(room);
    const work = async (): Promise<void> => {
      if (!isNewest()) return;
      await (text === "" ? http.removeDraft(room, at) : http.setDraft(room, { text, at }));
    };
    await persist(work, signal).catch((error: unknown) => {
      if (!(error instanceof HubbubError)) throw error;
    });
  }
}
