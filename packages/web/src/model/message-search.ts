import type { HubbubHttp } from "@hubbub/client";
import { parseSearch, type RoomId, SearchQueryError, type SearchResult } from "@hubbub/protocol";
import { explain } from "./explain.ts";
import { persist } from "./persist.ts";

/** Results that are kept; a search with more is to be made narrower. */
const RESULTS_MAX = 500;
/** Pages that are read for one step: a page may be empty and not the last. */
const PAGES_MAX = 10;
/** UTF-16 units of a text that are shown before the first hit, and in all. */
const BEFORE_MAX = 60;
const EXCERPT_MAX = 240;

export interface SearchState {
  /** As it was sent; "": nothing was. */
  readonly query: string;
  readonly results: readonly SearchResult[];
  /** Older ones may be found. */
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  /** What is wrong with the query, or why the server refuses it; "" for nothing. */
  readonly error: string;
}

/** Where a result is. `thread`: the message that its thread begins with. */
export interface JumpTarget {
  readonly room: RoomId;
  readonly seq: number;
  readonly thread: number | undefined;
}

export const NO_SEARCH: SearchState = { query: "", results: [], hasMore: false, isLoading: false, error: "" };

export interface MessageSearchHost {
  readonly http: Pick<HubbubHttp, "search">;
  readonly signal: AbortSignal;
  changed(state: SearchState): void;
}

/** Messages by the operators of docs/search.md, the newest first, page by page. The server decides what is found. */
export class MessageSearch {
  readonly #host: MessageSearchHost;
  #state = NO_SEARCH;
  #cursor: string | undefined;
  /** Of an earlier search the answer is not shown any more. */
  #turn = 0;

  constructor(host: MessageSearchHost) {
    this.#host = host;
  }

  get state(): SearchState {
    return this.#state;
  }

  async search(text: string): Promise<void> {
    this.#turn += 1;
    this.#cursor = undefined;
    const query = text.trim();
    const error = query === "" ? "" : faultOf(query);
    this.#set({ ...NO_SEARCH, query, error });
    if (query !== "" && error === "") await this.#read();
  }

  async more(): Promise<void> {
    const { hasMore, isLoading } = this.#state;
    if (hasMore && !isLoading) await this.#read();
  }

  close(): void {
    this.#turn += 1;
    this.#set(NO_SEARCH);
  }

  /** Reads until something is found, or the work of a step is done. */
  async #read(): Promise<void> {
    const turn = this.#turn;
    this.#set({ ...this.#state, isLoading: true, error: "" });
    try {
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const isLast = await this.#readPage(turn);
        if (turn !== this.#turn) return;
        if (isLast) break;
      }
      this.#set({ ...this.#state, isLoading: false });
    } catch (error) {
      if (turn === this.#turn) this.#set({ ...this.#state, isLoading: false, error: explain(error) });
    }
  }

  /** Answers whether no further page is needed now. */
  async #readPage(turn: number): Promise<boolean> {
    const { http, signal } = this.#host;
    const answer = await persist(() => http.search(this.#state.query, this.#cursor), signal);
    if (answer === undefined || turn !== this.#turn) return true;
    this.#cursor = answer.cursor;
    const { results: before } = this.#state;
    const known = new Set(before.map(keyOf));
    // A lost log gives a message another place: a page may have it again.
    const fresh = answer.results.filter((result) => !known.has(keyOf(result)));
    const results = [...before, ...fresh].slice(0, RESULTS_MAX);
    this.#set({ ...this.#state, results, hasMore: this.#cursor !== undefined && results.length < RESULTS_MAX });
    return fresh.length > 0 || this.#cursor === undefined;
  }

  #set(state: SearchState): void {
    this.#state = state;
    if (!this.#host.signal.aborted) this.#host.changed(state);
  }
}

export function targetOf({ room, seq, thread }: SearchResult): JumpTarget {
  return { room, seq, thread };
}

/** The same search in one room only. */
export function searchIn(room: RoomId, query: string): string {
  const parts = query.match(/[^\s"]*"[^"]*"|\S+/gu) ?? [];
  return [...parts.filter((part) => !/^in:/iu.test(part)), `in:${room}`].join(" ");
}

export interface ExcerptPart {
  readonly text: string;
  readonly isHit: boolean;
}

/** A piece of the text around the first hit, cut where hits begin and end. */
export function excerptOf({ text, highlights }: Pick<SearchResult, "text" | "highlights">): ExcerptPart[] {
  const from = wholeAt(text, Math.max(0, (highlights[0]?.start ?? 0) - BEFORE_MAX));
  const to = wholeAt(text, Math.min(text.length, from + EXCERPT_MAX));
  const parts: ExcerptPart[] = [];
  const add = (start: number, end: number, isHit: boolean): void => {
    if (start < end) parts.push({ text: text.slice(start, end), isHit });
  };
  let at = from;
  for (const { start, end } of highlights) {
    if (start >= to) break;
    add(at, Math.max(at, start), false);
    add(Math.max(at, start), Math.min(end, to), true);
    at = Math.max(at, Math.min(end, to));
  }
  add(at, to, false);
  return parts.map(({ text: piece, isHit }, index) => {
    const before = index === 0 && from > 0 ? "…" : "";
    const behind = index === parts.length - 1 && to < text.length ? "…" : "";
    return { text: before + piece + behind, isHit };
  });
}

/** Not in the middle of a pair. */
function wholeAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}

function keyOf({ room, seq }: SearchResult): string {
  return `${room} ${seq}`;
}

function faultOf(query: string): string {
  try {
    parseSearch(query);
    return "";
  } catch (error) {
    if (!(error instanceof SearchQueryError)) throw error;
    return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
  }
}
