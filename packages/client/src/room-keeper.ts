import { DEDUPE_WINDOW_MS, type HistoryPage, type UserId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { backoffMs } from "./backoff.ts";
import { findSent } from "./find-sent.ts";
import type { HistoryQuery } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Outbox, OutboxBody } from "./outbox.ts";
import type { OutboxKeeper } from "./outbox-keeper.ts";
import type { Earlier } from "./outbox-storage.ts";

/** A younger event may simply go again: the server recognises its id. The rest is for what is underway. */
const RESEND_MS = DEDUPE_WINDOW_MS * 0.8;

export interface RoomKeeperHost {
  readonly keeper: OutboxKeeper | undefined;
  readonly outbox: Outbox;
  me(): UserId | undefined;
  history(query: HistoryQuery): Promise<HistoryPage>;
  isLive(): boolean;
  /** Something may be sent now. */
  flush(): void;
}

type Doubtful = Earlier & { readonly id: string };

/**
 * The events of one room that a storage keeps. They are held in the outbox until they are kept; those of an earlier client
 * until the room is live, and old ones of those until the history says whether they arrived.
 */
export class RoomKeeper {
  readonly #host: RoomKeeperHost;
  /** Of an earlier client, or passed over, and not settled yet. Bounded by the outbox. */
  readonly #earlier = new Map<string, Doubtful>();
  /** Those of them that are held. */
  readonly #doubtful = new Map<string, Doubtful>();
  readonly #again = new Alarm();
  #isSearching = false;
  #failures = 0;

  constructor(host: RoomKeeperHost) {
    this.#host = host;
  }

  get isKeeping(): boolean {
    return this.#host.keeper !== undefined;
  }

  /** `isEarlier`: an earlier client was given it. */
  keep(body: OutboxBody, given: Earlier, isEarlier: boolean): void {
    const { keeper, outbox } = this.#host;
    if (keeper === undefined) return;
    keeper.keep({ ...body, ...given }).then(
      () => {
        if (isEarlier && outbox.has(body.id)) this.resumed([{ id: body.id, ...given }]);
        else outbox.release(body.id);
        this.#host.flush();
      },
      (error: HubbubError) => outbox.refuse(body.id, error),
    );
  }

  forget(id: string): void {
    void this.#host.keeper?.forget(id);
  }

  /** Its fate is known. */
  settled(id: string): void {
    this.#earlier.delete(id);
    this.#doubtful.delete(id);
  }

  /** They are in the outbox, and wait there. */
  resumed(events: readonly Doubtful[]): void {
    for (const { id, at, after } of events) {
      this.#earlier.set(id, { id, at, after });
      this.#doubt(id);
    }
    this.live();
  }

  /**
   * The room is live: what may go, goes. All of it, or all is looked up: what waits behind another one grows old. What had gone
   * over a connection that is lost is judged again, for its event may stand before what this client hears.
   */
  live(): void {
    if (!this.#host.isLive()) return;
    for (const id of this.#earlier.keys()) if (this.#host.outbox.hold(id)) this.#doubt(id);
    const isWaiting = [...this.#doubtful.values()];
    if (isWaiting.every(isRemembered)) for (const { id } of isWaiting) this.#release(id);
    else if (!this.#isSearching) this.#search();
  }

  end(): void {
    this.#again.clear();
    this.#earlier.clear();
    this.#doubtful.clear();
  }

  #doubt(id: string): void {
    const earlier = this.#earlier.get(id);
    if (earlier !== undefined) this.#doubtful.set(id, earlier);
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
    for (const one of doubtful) {
      const { id, after } = one;
      const event = found.get(id);
      if (event !== undefined) {
        this.#doubtful.delete(id);
        this.#host.outbox.seen(event, me);
      } else if (!this.#host.isLive()) continue;
      else if (after >= searchedFrom || isRemembered(one)) this.#release(id);
      else this.#refuse(id, new HubbubError("outcome_unknown"));
    }
    if (this.#doubtful.size > 0 && this.#host.isLive()) this.#again.set(0, () => this.live());
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

/** The server recognises it by its id. */
function isRemembered({ at }: Doubtful): boolean {
  const age = Date.now() - at;
  return age >= 0 && age < RESEND_MS;
}
