import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Objects } from "@hubbub/files";
import type { Catalogue } from "./catalogue.ts";
import { namesBelow } from "./content.ts";
import { contentOf, pack } from "./pack.ts";
import type { Seal } from "./seal.ts";
import type { Target } from "./target.ts";
import { isHistory, isPartial } from "./wal-names.ts";

const PACKED = ".gz";
const SEGMENT = /^[0-9A-F]{24}$/;

export const WAL = "wal/";
/** Segments of another cluster, and of a restored database, have the same names: each life of a database has a folder of its own. */
export type LifeOfLog = Pick<Catalogue, "cluster" | "generation">;
export const walFolder = ({ cluster, generation }: LifeOfLog): string => `${WAL}${cluster}-${generation}/`;
/** Of an object of the log. */
export function lifeOf(name: string): LifeOfLog {
  const [cluster = "", generation] = name.split("/")[1]?.split("-") ?? [];
  return { cluster, generation: Number(generation) };
}
/** The file of an object of the log. */
export const walFileOf = (name: string): string => basename(name).replace(/\.gz(\.age)?$/, "");

/** Up to when the target has the log, by the clock of the process that ships it. */
export const shippedName = (life: LifeOfLog): string => `${walFolder(life)}shipped.json`;

/** What one target has of the log. It knows no other target: one that is away holds up nobody. */
class Shipment {
  readonly #target: Target;
  readonly #folder: string;
  #objects: Objects | undefined;
  /** By name of the file; of a partial one its size and time. */
  #has = new Map<string, string>();
  #taking: Promise<void> | undefined;
  fault: string | null = null;
  /** Segments were given up that it does not have: only a base that begins later helps. */
  #lacksBase = false;

  constructor(target: Target, folder: string) {
    this.#target = target;
    this.#folder = folder;
  }

  get label(): string {
    return this.#target.label;
  }

  has({ name, version }: SpoolFile): boolean {
    return this.#has.get(name) === version;
  }

  lose(file: SpoolFile): void {
    this.#lacksBase ||= !this.has(file);
  }

  /** Whether it takes the log again after it has lost some: once for each time. */
  isBack(): boolean {
    const isBack = this.#lacksBase && this.fault === null && this.#taking === undefined;
    if (isBack) this.#lacksBase = false;
    return isBack;
  }

  /** `at`: when the files were listed. One that is still busy with an earlier round is left to that. */
  take(files: readonly SpoolFile[], at: Date, folder: string, seal: Seal): Promise<void> {
    this.#taking ??= this.#takeNow(files, at, folder, seal).finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  async #takeNow(files: readonly SpoolFile[], at: Date, folder: string, seal: Seal): Promise<void> {
    try {
      this.#objects ??= await this.#open();
      const lacking = files.filter((file) => !this.has(file));
      for (const file of lacking) await this.#put(this.#objects, file, folder, seal);
      if (lacking.length > 0) await this.#objects.put(`${this.#folder}shipped.json`, only(JSON.stringify({ at })));
      this.fault = null;
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
      await this.close();
    }
  }

  async #put(objects: Objects, { name, path, version }: SpoolFile, folder: string, seal: Seal): Promise<void> {
    const work = join(folder, `${crypto.randomUUID()}${PACKED}`);
    try {
      const packed = await pack(contentOf(path), work, seal);
      await objects.put(`${this.#folder}${name}${PACKED}${seal.suffix}`, contentOf(packed.path));
      this.#has.set(name, version);
    } catch (error) {
      // It is whole meanwhile, under another name: that is for the next round.
      if (!isPartial(name) || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    } finally {
      await rm(work + seal.suffix, { force: true });
    }
  }

  async close(): Promise<void> {
    await this.#objects?.[Symbol.asyncDispose]();
    this.#objects = undefined;
  }

  /** Whole segments are never written again. */
  async #open(): Promise<Objects> {
    const objects = await this.#target.open();
    const names = [...(await namesBelow(objects, this.#folder)).keys()].map(walFileOf);
    this.#has = new Map(names.filter((name) => !isPartial(name)).map((name) => [name, WHOLE]));
    return objects;
  }
}

const WHOLE = "whole";

interface SpoolFile {
  readonly name: string;
  readonly path: string;
  readonly version: string;
}

export interface WalShipperOptions {
  /** Where the receiver writes. */
  readonly spool: string;
  readonly targets: readonly Target[];
  readonly seal: Seal;
  /** Of the database whose log it is. */
  readonly life: LifeOfLog;
  /** Segments that wait for targets that are away. Beyond it the oldest go, and a base backup has to make up for them. */
  readonly maxFiles: number;
  /** How long a round waits for a target that is slow; the others go on without it. */
  readonly patienceMs: number;
}

/** Sends what is in the spool to every target: segments once, the one that is being written when it has grown. */
export class WalShipper {
  readonly #options: WalShipperOptions;
  readonly #shipments: readonly Shipment[];

  constructor(options: WalShipperOptions) {
    this.#options = options;
    const folder = walFolder(options.life);
    this.#shipments = options.targets.map((target) => new Shipment(target, folder));
  }

  get faults(): readonly { readonly target: string; readonly fault: string }[] {
    return this.#shipments.flatMap(({ label, fault }) => (fault === null ? [] : [{ target: label, fault }]));
  }

  /** One round. Answers whether a base is needed: a target takes the log again for which segments were given up. */
  async ship(folder: string): Promise<boolean> {
    const { seal, patienceMs } = this.#options;
    const at = new Date();
    const files = await this.#files();
    const all = Promise.all(this.#shipments.map((shipment) => shipment.take(files, at, folder, seal)));
    const over = new AbortController();
    await Promise.race([all, delay(patienceMs, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
    const whole = files.filter(({ name }) => SEGMENT.test(name));
    // The newest one stays: the receiver goes on behind it.
    const done = whole.slice(0, -1).filter((file) => this.#shipments.every((shipment) => shipment.has(file)));
    const waiting = whole.slice(0, -1).filter((file) => !done.includes(file));
    const givenUp = waiting.slice(0, Math.max(0, waiting.length - this.#options.maxFiles));
    for (const { path } of [...done, ...givenUp]) await rm(path, { force: true });
    const back = this.#shipments.filter((shipment) => shipment.isBack());
    for (const file of givenUp) for (const shipment of this.#shipments) shipment.lose(file);
    return back.length > 0;
  }

  async close(): Promise<void> {
    for (const shipment of this.#shipments) await shipment.close();
  }

  /** Oldest first. What is being renamed at this moment comes in the next round. */
  async #files(): Promise<readonly SpoolFile[]> {
    const files: SpoolFile[] = [];
    for (const name of (await readdir(this.#options.spool).catch(() => [])).sort()) {
      if (!SEGMENT.test(name) && !isHistory(name) && !isPartial(name)) continue;
      const path = join(this.#options.spool, name);
      const found = await stat(path).catch(() => null);
      if (found !== null) files.push({ name, path, version: isPartial(name) ? `${found.mtimeMs}` : WHOLE });
    }
    return files;
  }
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
