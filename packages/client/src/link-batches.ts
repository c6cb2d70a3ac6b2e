import type { FileLink, FileLinks } from "@hubbub/protocol";

/** Of one call. */
const BATCH_MAX = 100;
/** Links that are kept; at the bound the oldest go. */
const KEPT_MAX = 2_000;
/** A link is given out only if it is good for so long: what is shown with it has to load. */
const GOOD_MS = 120_000;

type Fetch = (room: string, files: readonly string[]) => Promise<FileLinks>;
type Waiting = Map<string, Promise<FileLink | undefined>>;

/** Gathers the links that are wanted in one turn into one call for each room, and keeps them while they are good. */
export class LinkBatches {
  readonly #fetch: Fetch;
  readonly #kept = new Map<string, { link: FileLink; expiresAt: number }>();
  /** By room: what the next call asks for. */
  readonly #gathering = new Map<string, { files: Waiting; answer: Promise<ReadonlyMap<string, FileLink>> }>();

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** undefined: there is no such file. */
  link(room: string, file: string): Promise<FileLink | undefined> {
    const kept = this.#kept.get(`${room} ${file}`);
    if (kept !== undefined && kept.expiresAt - Date.now() > GOOD_MS) return Promise.resolve(kept.link);
    const batch = this.#batchOf(room);
    const link = batch.files.get(file) ?? batch.answer.then((links) => links.get(file));
    batch.files.set(file, link);
    if (batch.files.size >= BATCH_MAX) this.#gathering.delete(room);
    return link;
  }

  #batchOf(room: string) {
    const gathered = this.#gathering.get(room);
    if (gathered !== undefined) return gathered;
    const files: Waiting = new Map();
    const batch = { files, answer: this.#ask(room, files) };
    this.#gathering.set(room, batch);
    return batch;
  }

  async #ask(room: string, files: Waiting): Promise<ReadonlyMap<string, FileLink>> {
    // At the end of the turn everything that a page shows has asked.
    await new Promise((resolve) => setTimeout(resolve));
    if (this.#gathering.get(room)?.files === files) this.#gathering.delete(room);
    const { links, expiresAt } = await this.#fetch(room, [...files.keys()]);
    for (const link of links) this.#keep(`${room} ${link.file}`, { link, expiresAt });
    return new Map(links.map((link) => [link.file, link]));
  }

  #keep(key: string, entry: { link: FileLink; expiresAt: number }): void {
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }
}
