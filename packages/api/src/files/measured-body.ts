import { HEAD_BYTES } from "@hubbub/files";
import { ProtocolError } from "@hubbub/protocol";
import { BodyInterrupted } from "@hubbub/runtime";

export interface BodyBounds {
  /** Bytes that may come, and what is told of more. */
  readonly maxBytes: number;
  readonly tooMany: () => ProtocolError;
  /** Of the time in which the client was waited for; what the storage takes does not count. */
  readonly minBytesPerSecond: number;
}

/** A client that begins slowly is not judged before this. */
const GRACE_MS = 5_000;
const MAX_MS = 12 * 3_600_000;

/** An upload on its way: bounds its size and its slowness while it comes, and remembers how it begins. */
export class MeasuredBody implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #bounds: BodyBounds;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #bytes = 0;
  #waitedMs = 0;

  constructor(source: AsyncIterable<Uint8Array>, bounds: BodyBounds) {
    this.#source = source;
    this.#bounds = bounds;
  }

  /** The first bytes, at most `HEAD_BYTES`. */
  get head(): Uint8Array {
    return this.#head.subarray(0, Math.min(this.#bytes, HEAD_BYTES));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const startedAt = performance.now();
    let askedAt = startedAt;
    try {
      for await (const chunk of this.#source) {
        const now = performance.now();
        this.#waitedMs += now - askedAt;
        this.#count(chunk);
        if (this.#isTooSlow() || now - startedAt > MAX_MS) throw new ProtocolError("too_slow");
        yield chunk;
        askedAt = performance.now();
      }
    } catch (error) {
      throw error instanceof BodyInterrupted ? interrupted(error) : error;
    }
  }

  #count(chunk: Uint8Array): void {
    if (this.#bytes < HEAD_BYTES) this.#head.set(chunk.subarray(0, HEAD_BYTES - this.#bytes), this.#bytes);
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#bounds.maxBytes) throw this.#bounds.tooMany();
  }

  #isTooSlow(): boolean {
    const { minBytesPerSecond } = this.#bounds;
    return this.#waitedMs > GRACE_MS && this.#bytes < (this.#waitedMs / 1_000) * minBytesPerSecond;
  }
}

function interrupted(cause: BodyInterrupted): ProtocolError {
  if (cause.isStopping)
    return new ProtocolError("unavailable", "this process stops; another one takes over", { cause });
  return new ProtocolError("bad_request", "the client left before the end of the file", { cause });
}
