import type { HttpResponse } from "uWebSockets.js";

export interface UnreadBounds {
  /** Bytes of answers that wait to be read, of one address and of all; beyond either further answers are refused. */
  readonly perAddressMaxBytes: number;
  readonly maxBytes: number;
  /** A client that has not read its answer by then loses its connection. */
  readonly deadlineMs: number;
}

export const UNREAD_BOUNDS: UnreadBounds = {
  perAddressMaxBytes: 8 * 1_024 * 1_024,
  maxBytes: 64 * 1_024 * 1_024,
  deadlineMs: 60_000,
};

const SMALL_MAX_BYTES = 16 * 1_024;

/** The answers that wait in memory for clients that read slowly or not at all. */
export class Unread {
  readonly #bounds: UnreadBounds;
  /** Bytes by address; an address without any has no entry. */
  readonly #byAddress = new Map<string, number>();
  #bytes = 0;

  constructor(bounds: UnreadBounds) {
    this.#bounds = bounds;
  }

  /** Whether the address may ask for more. */
  isFull(address: string): boolean {
    return (this.#byAddress.get(address) ?? 0) >= this.#bounds.perAddressMaxBytes;
  }

  /** Whether an answer of this many bytes may wait. Small ones always may: health checks go on while others do not read. */
  mayWait(address: string, bytes: number): boolean {
    if (this.isFull(address)) return false;
    return bytes <= SMALL_MAX_BYTES || this.#bytes + bytes <= this.#bounds.maxBytes;
  }

  /**
   * Ends the response with `body` as fast as the client reads it. Call it corked, after the headers. `aborted`: of the
   * response.
   */
  send(res: HttpResponse, body: Uint8Array, address: string, aborted: AbortSignal): void {
    const [, isDone] = res.tryEnd(body, body.length);
    if (isDone) return;
    this.#add(address, body.length);
    const deadline = setTimeout(() => res.close(), this.#bounds.deadlineMs);
    const release = (): void => {
      clearTimeout(deadline);
      aborted.removeEventListener("abort", release);
      this.#add(address, -body.length);
    };
    aborted.addEventListener("abort", release);
    res.onWritable((offset) => {
      const [isOk, isEnd] = res.tryEnd(body.subarray(offset), body.length);
      if (isEnd) release();
      return isOk;
    });
  }

  #add(address: string, bytes: number): void {
    this.#bytes += bytes;
    const now = (this.#byAddress.get(address) ?? 0) + bytes;
    if (now > 0) this.#byAddress.set(address, now);
    else this.#byAddress.delete(address);
  }
}
