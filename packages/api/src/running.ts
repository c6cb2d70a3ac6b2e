import { ProtocolError } from "@hubbub/protocol";
import { siteOf } from "@hubbub/runtime";

const RETRY_AFTER_MS = 1_000;
/** Of all requests, the most that one address (of IPv6 the /48) may have in progress: a user's pages wait for each other. */
const SHARE_OF_SITE = 1 / 2;

/** Counts the requests in progress. */
export class Running {
  readonly #max: number;
  /** Requests above `max` are refused at once. */
  readonly #answers = new Set<Promise<Response>>();
  /** A site without a request has no entry. */
  readonly #bySite = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws ProtocolError overloaded */
  admit(address: string): void {
    const ofSite = this.#bySite.get(siteOf(address)) ?? 0;
    if (this.#answers.size <= this.#max && ofSite <= this.#max * SHARE_OF_SITE) return;
    throw new ProtocolError("overloaded", "too many requests at once", { retryAfterMs: RETRY_AFTER_MS });
  }

  async track(answer: Promise<Response>, address: string): Promise<Response> {
    const site = siteOf(address);
    this.#answers.add(answer);
    this.#bySite.set(site, (this.#bySite.get(site) ?? 0) + 1);
    try {
      return await answer;
    } finally {
      this.#answers.delete(answer);
      const left = (this.#bySite.get(site) ?? 0) - 1;
      if (left > 0) this.#bySite.set(site, left);
      else this.#bySite.delete(site);
    }
  }

  async untilNone(): Promise<void> {
    await Promise.allSettled(this.#answers);
  }
}
