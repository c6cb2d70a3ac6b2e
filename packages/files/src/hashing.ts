import { createHash } from "node:crypto";

/** Content on its way to a storage: hashes and counts what passes, and tells a fault of the source from one of the storage. */
export class Hashing implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #fault: { readonly error: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const chunks = this.#source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => {
          this.#fault = { error };
          throw error;
        });
        if (next.done === true) return;
        this.#hash.update(next.value);
        this.#bytes += next.value.byteLength;
        yield next.value;
      }
    } finally {
      if (this.#fault === undefined) await chunks.return?.();
    }
  }

  /** Once, at the end of the content. */
  result(): { hash: string; bytes: number } {
    return { hash: this.#hash.digest("hex"), bytes: this.#bytes };
  }

  /** The error of the source, where it has failed. */
  faultOr(error: unknown): unknown {
    return this.#fault === undefined ? error : this.#fault.error;
  }

  get hasFailed(): boolean {
    return this.#fault !== undefined;
  }
}
