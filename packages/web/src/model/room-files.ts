import { HubbubError, type HubbubHttp, type Room as LiveRoom } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";

/** Files that are known to be deleted. At the bound the oldest go; the server is asked again for those. */
const GONE_MAX = 1_000;

export interface RoomFilesHost {
  readonly room: RoomId;
  readonly live: Pick<LiveRoom, "fileUrl">;
  readonly files: Pick<HubbubHttp["files"], "delete" | "links">;
  failed(error: unknown): void;
}

/** The files of one room: their addresses, and which of them are deleted. */
export class RoomFiles {
  readonly #host: RoomFilesHost;
  readonly #gone = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(host: RoomFilesHost) {
    this.#host = host;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  isGone(file: string): boolean {
    return this.#gone.has(file);
  }

  /** @throws HubbubError unknown_file */
  async url(file: string, options: { thumbnail?: "small" | "large" } = {}): Promise<string> {
    try {
      return await this.#host.live.fileUrl(file, options);
    } catch (error) {
      if (error instanceof HubbubError && error.code === "unknown_file") this.#lose(file);
      throw error;
    }
  }

  /** Its content does not load: an address may be older than the deletion, so the server is asked for a new one. */
  async check(file: string): Promise<void> {
    const { room, files } = this.#host;
    const { links } = await files.links(room, [file]);
    if (links.length === 0) this.#lose(file);
  }

  /** Of messages, which stay. Answers whether it was done; a refusal is told. */
  async delete(file: string): Promise<boolean> {
    const { room, files, failed } = this.#host;
    try {
      await files.delete(room, file);
    } catch (error) {
      // Somebody else was faster, or the answer to an earlier try was lost.
      if (!(error instanceof HubbubError && error.code === "unknown_file")) {
        failed(error);
        return false;
      }
    }
    this.#lose(file);
    return true;
  }

  #lose(file: string): void {
    if (this.#gone.has(file)) return;
    this.#gone.add(file);
    const [oldest] = this.#gone;
    if (this.#gone.size > GONE_MAX && oldest !== undefined) this.#gone.delete(oldest);
    for (const listener of this.#listeners) listener();
  }
}
