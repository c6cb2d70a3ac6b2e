import { HubbubError, type HubbubHttp } from "@hubbub/client";
import { parseSearch, SearchQueryError } from "@hubbub/protocol";
import { type Entry, entriesOf, type Sources } from "./switcher-entries.ts";

/** After the last key. */
const QUIET_MS = 250;
/** Letters from which on the server is asked. */
const ASKED_MIN = 2;

export interface SwitcherState {
  readonly query: string;
  readonly entries: readonly Entry[];
  /** The key of the chosen entry; undefined: there is none. */
  readonly chosen: string | undefined;
  /** The server is being asked. */
  readonly isSearching: boolean;
}

export interface SwitcherHost {
  readonly http: Pick<HubbubHttp, "listRooms" | "search">;
  /** What is known here. */
  known(): Pick<Sources, "joined" | "people" | "recent">;
  /** Runs `work` after a time, once; answers how to stop. */
  later(work: () => void, ms: number): () => void;
  /** undefined: it is closed. */
  changed(state: SwitcherState | undefined): void;
}

const NOTHING: Pick<Sources, "found" | "messages"> = { found: [], messages: [] };

/** Goes to a room, a person or a message by a few letters. What the server does not show is not found. */
export class Switcher {
  readonly #host: SwitcherHost;
  #state: SwitcherState | undefined;
  #found = NOTHING;
  #stopTimer: () => void = () => undefined;
  /** Of an earlier query the answer is not shown any more. */
  #turn = 0;

  constructor(host: SwitcherHost) {
    this.#host = host;
  }

  get state(): SwitcherState | undefined {
    return this.#state;
  }

  open(): void {
    this.type("");
  }

  close(): void {
    this.#forget();
    this.#state = undefined;
    this.#host.changed(undefined);
  }

  type(query: string): void {
    this.#forget();
    this.#found = NOTHING;
    const isAsked = query.trim().length >= ASKED_MIN;
    this.#show(query, isAsked, undefined);
    if (!isAsked) return;
    const turn = this.#turn;
    const ask = (): void => {
      this.#ask(query, turn).catch((error: unknown) => reportError(error));
    };
    this.#stopTimer = this.#host.later(ask, QUIET_MS);
  }

  /** By so many entries; over an end it goes on at the other one. */
  move(by: number): void {
    if (this.#state === undefined) return;
    const { entries, chosen, query, isSearching } = this.#state;
    if (entries.length === 0) return;
    const index = entries.findIndex(({ key }) => key === chosen);
    const next = (((index + by) % entries.length) + entries.length) % entries.length;
    this.#show(query, isSearching, entries[next]?.key);
  }

  /** The entry to go to. It is closed then. */
  choose(key = this.#state?.chosen): Entry | undefined {
    const entry = this.#state?.entries.find((one) => one.key === key);
    if (entry !== undefined) this.close();
    return entry;
  }

  #forget(): void {
    this.#turn += 1;
    this.#stopTimer();
    this.#stopTimer = () => undefined;
  }

  async #ask(query: string, turn: number): Promise<void> {
    const { http } = this.#host;
    const take = (found: Partial<typeof NOTHING>): void => {
      if (turn !== this.#turn || this.#state === undefined) return;
      this.#found = { ...this.#found, ...found };
      this.#show(query, true, this.#state.chosen);
    };
    const rooms = http.listRooms({ joined: false, query: query.trim() }).then(({ rooms: found }) => take({ found }));
    const messages = isSearch(query) ? http.search(query.trim()) : Promise.resolve({ results: [] });
    const texts = messages.then(({ results }) => {
      take({ messages: results.map(({ room, seq, by, text }) => ({ room, seq, by: by.username, text })) });
    });
    await Promise.all([rooms.catch(nothing), texts.catch(nothing)]);
    if (turn === this.#turn && this.#state !== undefined) this.#show(query, false, this.#state.chosen);
  }

  /** The chosen entry stays chosen while others come in. */
  #show(query: string, isSearching: boolean, wanted: string | undefined): void {
    const entries = entriesOf(query, { ...this.#host.known(), ...this.#found });
    const chosen = entries.some(({ key }) => key === wanted) ? wanted : entries[0]?.key;
    this.#state = { query, entries, chosen, isSearching };
    this.#host.changed(this.#state);
  }
}

function isSearch(query: string): boolean {
  try {
    parseSearch(query);
    return true;
  } catch (error) {
    if (error instanceof SearchQueryError) return false;
    throw error;
  }
}

/** What the server refuses is not found. */
function nothing(error: unknown): void {
  if (!(error instanceof HubbubError)) throw error;
}
