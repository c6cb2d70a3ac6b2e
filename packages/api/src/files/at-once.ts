import { ProtocolError, rateLimited } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";

const RETRY_AFTER_MS = 2_000;

/** Bounds transfers that run at once, of all users together and of each. */
export class AtOnce {
  readonly #what: string;
  readonly #max: number;
  readonly #maxPerUser: number;
  /** A user without a transfer has no entry. */
  readonly #byUser = new Map<string, number>();
  #count = 0;

  constructor(what: string, bounds: { readonly all: number; readonly perUser: number }) {
    this.#what = what;
    this.#max = bounds.all;
    this.#maxPerUser = bounds.perUser;
  }

  /** Returns what ends the transfer, to be called once. @throws ProtocolError overloaded, rate_limited */
  begin(user: string): () => void {
    const mine = this.#byUser.get(user) ?? 0;
    const retry = { retryAfterMs: spread(RETRY_AFTER_MS) };
    if (mine >= this.#maxPerUser) {
      throw rateLimited({ name: `user_${this.#what}_at_once`, count: this.#maxPerUser }, retry.retryAfterMs);
    }
    if (this.#count >= this.#max) throw new ProtocolError("overloaded", `too many ${this.#what} at once`, retry);
    this.#count += 1;
    this.#byUser.set(user, mine + 1);
    return () => this.#end(user);
  }

  #end(user: string): void {
    this.#count -= 1;
    const left = (this.#byUser.get(user) ?? 0) - 1;
    if (left > 0) this.#byUser.set(user, left);
    else this.#byUser.delete(user);
  }
}
