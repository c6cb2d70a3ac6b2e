import type { Readable } from "node:stream";

/** Named objects in a directory or a bucket, with one contract suite (`test/objects-contract.ts`). For backups. */
export interface Objects extends AsyncDisposable {
  /**
   * Reads `chunks` to the end. The object is durable when it resolves, and replaces one of the same name at once. A fault of `chunks`
   * passes unchanged and leaves what was there. @throws StorageUnavailable
   */
  put(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** The caller reads it to the end or destroys it. @throws ContentMissing, StorageUnavailable */
  read(name: string): Promise<Readable>;
  /** Objects below a folder (`backups/`), in no order. @throws StorageUnavailable */
  list(folder: string): AsyncIterable<{ readonly name: string; readonly bytes: number }>;
  /** What is not there is no fault. @throws StorageUnavailable */
  remove(name: string): Promise<void>;
}

/** Segments that are no dots, so that no name leads out of its place, and none that begins with one: those are unfinished. */
const NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

/** @throws TypeError for a name that could not be kept in every place */
export function assertName(name: string): void {
  if (!NAME.test(name)) throw new TypeError(`no name of an object: ${name}`);
}
