import { siteOf } from "@hubbub/runtime";

/** Of the places in the queue, the most that one address and one site (the /48 of IPv6) may take. */
const SHARE_OF_ADDRESS = 1 / 4;
const SHARE_OF_SITE = 1 / 2;

interface FairSemaphoreOptions {
  readonly permits: number;
  /** Calls that may wait for a permit. */
  readonly queueMax: number;
  /** The error of a call that finds no place in the queue. */
  readonly full: () => Error;
}

/** The client that a call works for: its address, and a signal that it hung up. */
export interface Requester {
  readonly address: string;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly address: string;
  readonly begin: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Bounds concurrent work. Calls beyond the permits wait and take turns by site. An address or a site gets only a share of
 * the queue. When the queue is full, a site with less waiting work replaces the newest waiting work of the busiest site.
 *
 * A permit belongs to the work and not to its requester: a client that hangs up frees nothing that still runs. Work
 * whose requester leaves while it waits gives its place back at once.
 */
export class FairSemaphore {
  readonly #options: FairSemaphoreOptions;
  #free: number;
  #waiting = 0;
  /** Waiting work by site, oldest first; the first site has the next turn. No lane is empty. Bounded by `queueMax`. */
  readonly #lanes = new Map<string, Waiting[]>();

  constructor(options: FairSemaphoreOptions) {
    this.#options = options;
    this.#free = options.permits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** @throws the error of `full`, or the reason of the requester's signal */
  async run<Result>(work: () => Promise<Result>, requester: Requester): Promise<Result> {
    requester.signal.throwIfAborted();
    await this.#acquire(requester);
    try {
      requester.signal.throwIfAborted();
      return await work();
    } finally {
      this.#release();
    }
  }

  #acquire({ address, signal }: Requester): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    const site = siteOf(address);
    const lane = this.#lanes.get(site) ?? [];
    if (!this.#fits(lane, address)) throw this.#options.full();
    if (this.#waiting >= this.#options.queueMax) this.#makeRoom(lane.length + 1);
    return new Promise((begin, refuse) => {
      const waiting = { address, begin, refuse };
      lane.push(waiting);
      if (lane.length === 1) this.#lanes.set(site, lane);
      this.#waiting += 1;
      const leave = () => {
        if (this.#remove(site, waiting)) refuse(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  #fits(lane: readonly Waiting[], address: string): boolean {
    const ofAddress = lane.filter((waiting) => waiting.address === address).length;
    return ofAddress < this.#share(SHARE_OF_ADDRESS) && lane.length < this.#share(SHARE_OF_SITE);
  }

  #share(share: number): number {
    return Math.max(1, Math.ceil(this.#options.queueMax * share));
  }

  /** Refuses the newest work of the longest lane, if that lane stays at least as long as the one that asks. */
  #makeRoom(askingLength: number): void {
    let site = "";
    let longest: readonly Waiting[] = [];
    for (const [name, lane] of this.#lanes) if (lane.length > longest.length) [site, longest] = [name, lane];
    const newest = longest.at(-1);
    if (newest === undefined || longest.length <= askingLength) throw this.#options.full();
    this.#remove(site, newest);
    newest.refuse(this.#options.full());
  }

  /** False when the work does not wait any more. */
  #remove(site: string, gone: Waiting): boolean {
    const lane = this.#lanes.get(site) ?? [];
    const at = lane.indexOf(gone);
    if (at === -1) return false;
    lane.splice(at, 1);
    this.#waiting -= 1;
    if (lane.length === 0) this.#lanes.delete(site);
    return true;
  }

  /** Hands the permit to the next call, so that no other call overtakes it; its site goes to the end of the turns. */
  #release(): void {
    const turn = this.#lanes.entries().next().value;
    if (turn === undefined) {
      this.#free += 1;
      return;
    }
    const [site, lane] = turn;
    const next = lane.shift();
    this.#waiting -= 1;
    if (lane.length === 0 || this.#lanes.size > 1) this.#lanes.delete(site);
    if (lane.length > 0) this.#lanes.set(site, lane);
    next?.begin();
  }
}
