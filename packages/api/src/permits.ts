import { ProtocolError } from "@hubbub/protocol";
import { siteOf } from "@hubbub/runtime";

/** A full queue of hashes is worked off in about this. */
const RETRY_AFTER_MS = 5_000;
/** Of the places in the queue, what one address and one site (the /48 of IPv6) may take at most. */
const SHARE_OF_ADDRESS = 1 / 4;
const SHARE_OF_SITE = 1 / 2;

interface Waiting {
  readonly address: string;
  begin(): void;
  refuse(): void;
}

/**
 * At most `size` pieces of work at once; at most `queueMax` more wait, and of one address or site only a share of that. Sites
 * take turns, so that nobody waits behind all the work of somebody else. When the queue is full, a site with less
 * work in it than another takes the place of the other's newest; else further work is refused with `overloaded`.
 * A permit belongs to the work and not to its caller: a client that hangs up frees nothing that still runs. Work
 * whose caller left while it waited gives its place back at once.
 */
export class Permits {
  readonly #queueMax: number;
  #free: number;
  #waiting = 0;
  /** Work by site, oldest first; the next turn is the first site's. No lane is empty. */
  readonly #lanes = new Map<string, Waiting[]>();

  constructor(size: number, queueMax: number) {
    this.#free = size;
    this.#queueMax = queueMax;
  }

  get waiting(): number {
    return this.#waiting;
  }

  async run<Result>(work: () => Promise<Result>, address: string, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    await this.#take(address, signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#giveBack();
    }
  }

  #take(address: string, signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    const site = siteOf(address);
    const lane = this.#lanes.get(site) ?? [];
    if (!this.#fits(lane, address)) throw overloaded();
    if (this.#waiting >= this.#queueMax) this.#makeRoom(lane.length + 1);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        address,
        begin: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
        refuse: () => {
          signal.removeEventListener("abort", leave);
          reject(overloaded());
        },
      };
      const leave = (): void => {
        this.#remove(site, waiting);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#lanes.set(site, [...lane, waiting]);
      this.#waiting += 1;
    });
  }

  #fits(lane: readonly Waiting[], address: string): boolean {
    const ofAddress = lane.filter((waiting) => waiting.address === address).length;
    return ofAddress < this.#share(SHARE_OF_ADDRESS) && lane.length < this.#share(SHARE_OF_SITE);
  }

  #share(share: number): number {
    return Math.max(1, Math.ceil(this.#queueMax * share));
  }

  /** The newest work of the longest lane goes, if that lane stays at least as long as the one that asks. */
  #makeRoom(askingLength: number): void {
    let site = "";
    let longest: readonly Waiting[] = [];
    for (const [name, lane] of this.#lanes) if (lane.length > longest.length) [site, longest] = [name, lane];
    const newest = longest.at(-1);
    if (newest === undefined || longest.length <= askingLength) throw overloaded();
    this.#remove(site, newest);
    newest.refuse();
  }

  #remove(site: string, gone: Waiting): void {
    const left = this.#lanes.get(site)?.filter((waiting) => waiting !== gone) ?? [];
    this.#waiting -= 1;
    if (left.length === 0) this.#lanes.delete(site);
    else this.#lanes.set(site, left);
  }

  /** Straight to the next in turn, so that nobody overtakes; its site goes to the end of the turn. */
  #giveBack(): void {
    const [turn] = this.#lanes;
    const [next] = turn?.[1] ?? [];
    if (turn === undefined || next === undefined) {
      this.#free += 1;
      return;
    }
    const [site, lane] = turn;
    this.#remove(site, next);
    this.#lanes.delete(site);
    if (lane.length > 1) this.#lanes.set(site, lane.slice(1));
    next.begin();
  }
}

function overloaded(): ProtocolError {
  return new ProtocolError("overloaded", "too many passwords wait to be checked", { retryAfterMs: RETRY_AFTER_MS });
}
