import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Part } from "./catalogue.ts";
import type { Seal } from "./seal.ts";

/** A part that lies in a file of this machine, as the targets get it. */
export interface Packed extends Part {
  readonly path: string;
}

const OWNER_ONLY = 0o600;
/** Level 1 is five times as fast as 6, and a tenth larger. */
const FAST = { level: 1 };

/** Compresses, seals and hashes into a file. A fault of `chunks` passes unchanged. */
export async function pack(chunks: AsyncIterable<Uint8Array>, path: string, seal: Seal): Promise<Packed> {
  const meter = new Meter();
  const sealedPath = path + seal.suffix;
  const compressed = pipelined(chunks);
  const file = createWriteStream(sealedPath, { mode: OWNER_ONLY });
  await pipeline(Readable.from(meter.through(seal.close(compressed))), file);
  return { name: basename(sealedPath), path: sealedPath, ...meter.result() };
}

/** The content that was packed: what opens the seal is given, where there is one. */
export function unpacked(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  void pipeline(Readable.from(chunks), gunzip).catch((error: Error) => gunzip.destroy(error));
  return gunzip;
}

function pipelined(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip(FAST);
  void pipeline(Readable.from(chunks), gzip).catch((error: Error) => gzip.destroy(error));
  return gzip;
}

/** Counts and hashes what goes through. */
export class Meter {
  readonly #hash = createHash("sha256");
  #bytes = 0;

  async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#bytes += chunk.byteLength;
      yield chunk;
    }
  }

  /** Once, at the end. */
  result(): { readonly bytes: number; readonly sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}

export function contentOf(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path);
}
