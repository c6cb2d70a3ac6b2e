import { HubbubError, type HubbubHttp } from "@hubbub/client";
import type { HistoryPage, RoomId } from "@hubbub/protocol";
import { persist } from "./persist.ts";
import { seqBefore } from "./seq-of-date.ts";
import { type Timeline, withNewer, withOlder, withWindow } from "./timeline.ts";

/** Events of a page. */
const PAGE = 50;

export interface LoaderHost {
  readonly room: RoomId;
  readonly http: Pick<HubbubHttp, "history" | "search">;
  readonly signal: AbortSignal;
  timeline(): Timeline;
  /** A change of the timeline, and the pages that it takes in. */
  take(pages: readonly HistoryPage[], change: (timeline: Timeline) => Timeline): void;
  loading(isLoading: boolean): void;
}

type Query = Parameters<HubbubHttp["history"]>[1];

interface Reading {
  readonly pages: readonly HistoryPage[];
  readonly change: (timeline: Timeline) => Timeline;
}

/** Moves the window of one room over its history. One reading at a time; a jump takes the place of what is underway. */
export class WindowLoader {
  readonly #host: LoaderHost;
  #turn = 0;
  #cuts = 0;
  #isLoading = false;

  constructor(host: LoaderHost) {
    this.#host = host;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** What is underway may have seqs that are void now: it is read again. */
  cut(): void {
    this.#cuts += 1;
  }

  /** Answers whether the window was moved. @throws HubbubError what the server refuses */
  async older(): Promise<boolean> {
    if (this.#isLoading || !this.#host.timeline().hasOlder) return false;
    return this.#read(async () => {
      const { oldest } = this.#host.timeline();
      const page = await this.#page({ before: oldest }, oldest - 1);
      return page && { pages: [page], change: (timeline) => withOlder(timeline, oldest, page) };
    });
  }

  async newer(): Promise<boolean> {
    if (this.#isLoading || !this.#host.timeline().hasNewer) return false;
    return this.#read(async () => {
      const { newest } = this.#host.timeline();
      const page = await this.#page({ after: newest });
      return page && { pages: [page], change: (timeline) => withNewer(timeline, newest, page) };
    });
  }

  /** To the head, without what is between. */
  async head(): Promise<boolean> {
    return this.#read(async () => {
      const page = await this.#page({});
      return page && { pages: [page], change: (timeline) => withWindow(timeline, page) };
    });
  }

  /** Around a seq, which need not be one of a message. */
  async around(seq: number): Promise<boolean> {
    return this.#read(() => this.#around(seq));
  }

  /** Around the first event of a date and later, Unix ms. */
  async date(date: number): Promise<boolean> {
    const { room, http, signal } = this.#host;
    return this.#read(async () => {
      const { head } = this.#host.timeline();
      const before = await persist(() => seqBefore({ room, http, head }, date), signal);
      return before === undefined ? undefined : this.#around(before);
    });
  }

  async #around(seq: number): Promise<Reading | undefined> {
    const [older, newer] = await Promise.all([this.#page({ before: seq + 1 }, seq), this.#page({ after: seq })]);
    if (older === undefined || newer === undefined) return undefined;
    // Nothing was there yet when the older page was read: it is the newest one, and the pages do not meet.
    if (older.head < seq) return { pages: [older], change: (timeline) => withWindow(timeline, older) };
    return { pages: [older, newer], change: (timeline) => withWindow(timeline, older, newer) };
  }

  async #read(read: () => Promise<Reading | undefined>): Promise<boolean> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#load(true);
    try {
      for (;;) {
        const cuts = this.#cuts;
        const reading = await read();
        if (reading === undefined || turn !== this.#turn) return false;
        if (cuts !== this.#cuts) continue;
        this.#host.take(reading.pages, reading.change);
        return true;
      }
    } catch (error) {
      if (turn !== this.#turn) return false;
      throw error;
    } finally {
      if (turn === this.#turn) this.#load(false);
    }
  }

  /** `upTo`: the page must have everything below it. A partial one has what is committed, and that may end earlier. */
  #page(query: Query, upTo = 0): Promise<HistoryPage | undefined> {
    const { room, http, signal } = this.#host;
    return persist(async () => {
      const page = await http.history(room, { ...query, limit: PAGE });
      if (page.partial && page.head < upTo) throw new HubbubError("unavailable");
      return page;
    }, signal);
  }

  #load(isLoading: boolean): void {
    this.#isLoading = isLoading;
    this.#host.loading(isLoading);
  }
}
