import { DEDUPE_WINDOW_MS, type HistoryPage, type UserId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { backoffMs } from "./backoff.ts";
import { findSent } from "./find-sent.ts";
import type { HistoryQuery } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Outbox, OutboxBody } from "./outbox.ts";
import type { OutboxKeeper } from "./outbox-keeper.ts";
import type { KeptEvent } from "./outbox-storage.ts";

/** A younger event may simply go again: the server recognises its id. The rest is for what is underway. */
const RESEND_MS = DEDUPE_WINDOW_MS * 0.8;

export interface RoomKeeperHost {
  readonly keeper: OutboxKeeper | undefined;
  readonly outbox: Outbox;
  me(): UserId | undefined;
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** Something may be sent now. */
  flush(): void;
}

/**
 * The events of one room that a storage keeps. They are held in the outbox until they are kept; those of an earlier client
 * until the room is live, and old ones of those until the history says whether they arrived.
 */
export class RoomKeeper {
  readonly #host: RoomKeeperHost;
  /** Of an earlier client, and held. Bounded by the storage. */
  readonly #doubtful = new Map<string, KeptEvent>();
  readonly #again = new Alarm();
  #isSearching = false;
  #failures = 0;

  constructor(host: RoomKeeperHost) {
    this.#host = host;
  }

  get isKeeping(): boolean {
    return this.#host.keeper !== undefined;
  }

  /** `after`: the seq up to which the room is known. */
  keep(body: OutboxBody, after: number): void {
    const { keeper, outbox } = this.#host;
    if (keeper === undefined) return;
    keeper.keep({ ...body, at: Date.now(), after }).then(
      () => {
        outbox.release(body.id);
        this.#host.flush();
      },
      (error: HubbubError) => outbox.refuse(body.id, error),
    );
  }

  forget(id: string): void {
    this.#doubtful.delete(id);
    void this.#host.keeper?.forget(id);
  }

  /** They are in the outbox, and held. */
  resumed(events: readonly KeptEvent[]): void {
    for (const event of events) this.#doubtful.set(event.id, event);
  }

  /** The room is live: what may go, goes. */
  live(): void {
    const now = Date.now();
    for (const { id, at } of [...this.#doubtful.values()]) {
      if (at <= now && now - at < RESEND_MS) this.#release(id);
    }
    if (this.#doubtful.size > 0 && !this.#isSearching) this.#search();
  }

  end(): void {
    this.#again.clear();
    this.#doubtful.clear();
  }

  #search(): void {
    this.#again.clear();
    this.#isSearching = true;
    this.#lookUp()
      .catch((error: unknown) => {
        const known =
          error instanceof HubbubError ? error : new HubbubError("unexpected_answer", undefined, { cause: error });
        if (known.shouldRetry()) this.#tryAgain(known);
        else for (const id of [...this.#doubtful.keys()]) this.#refuse(id, known);
      })
      .finally(() => {
        this.#isSearching = false;
        this.#host.flush();
      });
  }

  async #lookUp(): Promise<void> {
    const me = this.#host.me();
    const doubtful = [...this.#doubtful.values()];
    if (me === undefined || doubtful.length === 0) return;
    const { found, searchedFrom } = await findSent(doubtful, me, (query) => this.#host.history(query));
    this.#failures = 0;
    for (const { id, after } of doubtful) {
      const event = found.get(id);
      if (event !== undefined) {
        this.#doubtful.delete(id);
        this.#host.outbox.seen(event, me);
      } else if (after >= searchedFrom) this.#release(id);
      else this.#refuse(id, new HubbubError("outcome_unknown"));
    }
    if (this.#doubtful.size > 0) this.#again.set(0, () => this.live());
  }

  #tryAgain({ retryAfterMs = 0 }: HubbubError): void {
    this.#again.set(Math.max(backoffMs(this.#failures, Math.random()), retryAfterMs), () => this.live());
    this.#failures += 1;
  }

  #release(id: string): void {
    this.#doubtful.delete(id);
    this.#host.outbox.release(id);
  }

  #refuse(id: string, error: HubbubError): void {
    this.#doubtful.delete(id);
    this.#host.outbox.refuse(id, error);
  }
}
