import type { FileStorage } from "@hubbub/files";
import { Unzip, UnzipInflate } from "fflate";

/** The methods of the storage, to be replaced one by one. */
export function methodsOf(storage: FileStorage): FileStorage {
  return {
    stage: (chunks) => storage.stage(chunks),
    read: (key, range) => storage.read(key, range),
    remove: (key) => storage.remove(key),
    sweep: (before) => storage.sweep(before),
    kept: () => storage.kept(),
    hasRoomFor: (size) => storage.hasRoomFor(size),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** Counts the bytes of one file of an archive as they come. */
export class Unpacked {
  readonly #unzip = new Unzip();
  bytes = 0;

  constructor(name: string) {
    this.#unzip.register(UnzipInflate);
    this.#unzip.onfile = (file) => {
      file.ondata = (error, data) => {
        if (error !== null) throw error;
        if (file.name === name) this.bytes += data.length;
      };
      file.start();
    };
  }

  push(chunk: Uint8Array): void {
    this.#unzip.push(chunk);
  }
}
