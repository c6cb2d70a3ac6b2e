import type { FileStorage } from "@hubbub/files";
import { type Content, contentsOf, copyContents } from "./content.ts";
import type { Seal } from "./seal.ts";
import type { Target } from "./target.ts";

export interface ContentKeeperOptions {
  readonly storage: FileStorage | undefined;
  readonly targets: readonly Target[];
  readonly seal: Seal;
  readonly onFault: (target: string, error: unknown) => void;
}

const EVERY_MS = 60_000;
/** Storage and target are listed each time: at most a tenth of the time goes to it, however large they are. */
const PAUSES = 9;

/** Copies what was uploaded since the last backup: the log brings back its rows. A target that is slow holds up no other. */
export class ContentKeeper {
  readonly #options: ContentKeeperOptions;
  /** Monotonic ms; Infinity: it is being done. */
  readonly #dueAt = new Map<Target, number>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: ContentKeeperOptions) {
    this.#options = options;
  }

  /** Begins with the targets that are due. */
  begin(): void {
    const { storage, targets } = this.#options;
    if (storage === undefined) return;
    for (const target of targets) {
      if (performance.now() < (this.#dueAt.get(target) ?? 0)) continue;
      this.#dueAt.set(target, Number.POSITIVE_INFINITY);
      const done = this.#copy(target, storage).finally(() => this.#running.delete(done));
      this.#running.add(done);
    }
  }

  /** Resolves when the files that are being copied are done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running);
  }

  async #copy(target: Target, storage: FileStorage): Promise<void> {
    const { seal, onFault } = this.#options;
    const begunAt = performance.now();
    try {
      await using objects = await target.open();
      await copyContents(storage, this.#untilClosed(contentsOf(storage)), objects, seal);
    } catch (error) {
      onFault(target.label, error);
    }
    const now = performance.now();
    this.#dueAt.set(target, now + Math.max(EVERY_MS, PAUSES * (now - begunAt)));
  }

  async *#untilClosed(contents: AsyncIterable<Content>): AsyncGenerator<Content> {
    for await (const content of contents) {
      if (this.#isClosed) return;
      yield content;
    }
  }
}
