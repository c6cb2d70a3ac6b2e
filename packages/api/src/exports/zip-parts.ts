import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { ZipFile } from "yazl";

/** One file of an archive. */
export interface ZipPart {
  readonly path: string;
  /** Content that is compressed already, and its length; undefined: text, which is compressed. */
  readonly bytes?: number | undefined;
  readonly content: Readable;
}

const COMPRESSION_LEVEL = 6;

/**
 * A zip archive of the parts, one after the other, as fast as it is read. It holds some chunks in memory, and 200 bytes for each part.
 * A fault of a part, or of the list of parts, passes unchanged.
 */
export async function* zipOf(parts: AsyncIterable<ZipPart>): AsyncGenerator<Uint8Array, void> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on("error", (error: Error) => output.destroy(error));
  const feeding = new Feeding(zip, parts);
  const fed = feeding.run().catch((error: Error) => {
    output.destroy(error);
  });
  try {
    for await (const chunk of output) yield chunk as Uint8Array;
  } finally {
    output.destroy();
    feeding.stop();
    await fed;
  }
}

class Feeding {
  readonly #zip: ZipFile;
  readonly #parts: AsyncIterable<ZipPart>;
  #current: Readable | undefined;
  #isStopped = false;

  constructor(zip: ZipFile, parts: AsyncIterable<ZipPart>) {
    this.#zip = zip;
    this.#parts = parts;
  }

  async run(): Promise<void> {
    for await (const part of this.#parts) {
      this.#current = part.content;
      if (this.#isStopped) part.content.destroy();
      await this.#add(part);
    }
    this.#zip.end();
  }

  /** What is being read ends; no further part begins. */
  stop(): void {
    this.#isStopped = true;
    this.#current?.destroy();
  }

  async #add({ path, bytes, content }: ZipPart): Promise<void> {
    const options = bytes === undefined ? { compressionLevel: COMPRESSION_LEVEL } : { compress: false, size: bytes };
    const end = finished(content);
    this.#zip.addReadStreamLazy(path, options, (take) => take(null, content));
    await end;
  }
}
