import type { Room as LiveRoom } from "@hubbub/client";
import { FILES_PER_MESSAGE, newId, type UploadedFile } from "@hubbub/protocol";
import { explain } from "./explain.ts";
import { persist } from "./persist.ts";

/** A file that the next message takes along. */
export interface Upload {
  readonly key: string;
  readonly name: string;
  /** 0 to 1. */
  readonly progress: number;
  /** Once the server has all of it. */
  readonly file: UploadedFile | undefined;
  /** Why it was refused; "" for not. */
  readonly error: string;
}

/** The files that wait in the box of one room. They end with the page. */
export class Uploads {
  readonly #live: Pick<LiveRoom, "upload">;
  readonly #changed: (uploads: readonly Upload[]) => void;
  readonly #stops = new Map<string, AbortController>();
  #all: readonly Upload[] = [];

  constructor(live: Pick<LiveRoom, "upload">, changed: (uploads: readonly Upload[]) => void) {
    this.#live = live;
    this.#changed = changed;
  }

  /** Answers how many do not fit into one message. */
  add(files: readonly File[]): number {
    const taken = files.slice(0, FILES_PER_MESSAGE - this.#all.length);
    for (const file of taken) this.#begin(file).catch(reportError);
    return files.length - taken.length;
  }

  remove(key: string): void {
    this.#stops.get(key)?.abort();
    this.#stops.delete(key);
    this.#set(this.#all.filter((upload) => upload.key !== key));
  }

  /** Those that have arrived leave the box. */
  take(): UploadedFile[] {
    const files = this.#all.flatMap(({ file }) => file ?? []);
    this.#set(this.#all.filter(({ file }) => file === undefined));
    return files;
  }

  end(): void {
    for (const stop of this.#stops.values()) stop.abort();
  }

  /** Repeated under the same id until the server answers. */
  async #begin(content: File): Promise<void> {
    const key = newId();
    const stop = new AbortController();
    this.#stops.set(key, stop);
    this.#set([...this.#all, { key, name: content.name, progress: 0, file: undefined, error: "" }]);
    const { signal } = stop;
    const onProgress = (sent: number): void => this.#update(key, { progress: sent / Math.max(content.size, 1) });
    const send = () => this.#live.upload(content, { id: key, name: content.name || "file", onProgress, signal });
    await persist(send, signal).then(
      (file) => file && this.#update(key, { file, progress: 1 }),
      (error: unknown) => this.#update(key, { error: explain(error) }),
    );
    this.#stops.delete(key);
  }

  #update(key: string, change: Partial<Upload>): void {
    this.#set(this.#all.map((upload) => (upload.key === key ? { ...upload, ...change } : upload)));
  }

  #set(all: readonly Upload[]): void {
    this.#all = all;
    this.#changed(all);
  }
}
