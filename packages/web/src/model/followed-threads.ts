import type { HubbubHttp, PersonalFrame } from "@hubbub/client";
import type { FollowedThread, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { persist } from "./persist.ts";

/** Whatever may be news of a thread: the list is read again after this, and not more often. */
const REFRESH_MS = 5_000;
/** A head does not say whether it is of a thread. */
const REFRESH_BY_HEAD_MS = 60_000;
/** Another browser may have read threads. */
const REFRESH_BY_SIGHT_MS = 2_000;

export interface FollowedThreadsHost {
  readonly http: Pick<HubbubHttp, "messages">;
  readonly me: UserId;
  readonly signal: AbortSignal;
  /** Runs `work` after a time, once; answers how to stop. */
  later(work: () => void, ms: number): () => void;
  changed(threads: readonly FollowedThread[]): void;
  failed(error: unknown): void;
}

/** The threads that the user follows, as far as one page of the server has them, and what is new in each. */
export class FollowedThreads {
  readonly #host: FollowedThreadsHost;
  #all: readonly FollowedThread[] = [];
  #timer: { readonly at: number; readonly stop: () => void } | undefined;

  constructor(host: FollowedThreadsHost) {
    this.#host = host;
    host.signal.addEventListener("abort", () => this.#timer?.stop());
  }

  /** Repeated until the server answers. */
  async load(): Promise<readonly FollowedThread[]> {
    const { http, signal } = this.#host;
    const page = await persist(() => http.messages.followed(), signal);
    if (page !== undefined) this.#set(page.threads);
    return this.#all;
  }

  hear(news: PersonalFrame): void {
    if (news.kind === "notification" || news.kind === "missed") this.refreshIn(REFRESH_MS);
  }

  headed(): void {
    this.refreshIn(REFRESH_BY_HEAD_MS);
  }

  /** The page is looked at again. */
  seen(): void {
    this.refreshIn(REFRESH_BY_SIGHT_MS);
  }

  /** An event of a room that is heard. */
  heard(room: RoomId, event: RoomEvent): void {
    if (event.kind !== "message" || event.thread === undefined) return;
    const { thread: seq, by } = event;
    const known = this.#all.find((thread) => isOf(thread, room, seq));
    const isOwn = by.id === this.#host.me;
    if (known === undefined || event.seq <= known.last) this.refreshIn(REFRESH_MS);
    else {
      const news = { count: known.count + 1, last: event.seq, at: event.at, unread: isOwn ? 0 : known.unread + 1 };
      this.#set([{ ...known, ...news }, ...this.#all.filter((thread) => thread !== known)]);
    }
  }

  /** The replies of a thread up to `seq` were on the screen. */
  read(room: RoomId, root: number, seq: number): void {
    const known = this.#all.find((thread) => isOf(thread, room, root));
    if (known === undefined || known.unread === 0 || seq < known.last) return;
    this.#set(this.#all.map((thread) => (thread === known ? { ...known, unread: 0 } : thread)));
    const { http, failed } = this.#host;
    http.messages.markThreadRead(room, root, seq).catch(failed);
  }

  refreshIn(ms: number): void {
    const at = Date.now() + ms;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.stop();
    const stop = this.#host.later(() => {
      this.#timer = undefined;
      this.load().catch((error: unknown) => this.#host.failed(error));
    }, ms);
    this.#timer = { at, stop };
  }

  #set(threads: readonly FollowedThread[]): void {
    this.#all = threads;
    if (!this.#host.signal.aborted) this.#host.changed(threads);
  }
}

function isOf(thread: FollowedThread, room: RoomId, seq: number): boolean {
  return thread.room === room && thread.seq === seq;
}
