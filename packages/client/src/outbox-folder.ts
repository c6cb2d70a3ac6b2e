import { createHash } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { HubbubError } from "./hubbub-error.ts";
import { FileOutbox } from "./outbox-file.ts";
import { KEPT_MAX, type KeptEvent, type OutboxBounds, type OutboxStorage } from "./outbox-storage.ts";

/** Processes of one owner that keep events at the same time. */
const SLOTS_MAX = 16;
/** How often a process looks for events of processes that are gone. */
const ADOPT_MS = 10_000;
/** For their owner only. */
const MODE = 0o700;

/**
 * Keeps unsent events in a folder that several processes share, for a program that people start more than once. Each process
 * has a file of its own there, and sends its own events. Those of a process that is gone go out from another one.
 */
export function folderOutbox(folder: string, bounds: OutboxBounds = {}): OutboxStorage {
  return new FolderOutbox(folder, bounds);
}

interface Slot {
  readonly name: string;
  readonly file: FileOutbox;
}

class FolderOutbox implements OutboxStorage {
  readonly #folder: string;
  readonly #bounds: OutboxBounds;
  #owner = "";
  /** Of the owner. */
  #place = "";
  #own: FileOutbox | undefined;
  /** Files that this process has open: its own one, and those it has adopted until they are empty. */
  #slots: readonly Slot[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(folder: string, bounds: OutboxBounds) {
    this.#folder = folder;
    this.#bounds = bounds;
  }

  async open(owner: string, adopted: (events: readonly KeptEvent[]) => void): Promise<readonly KeptEvent[]> {
    this.#owner = owner;
    this.#place = join(this.#folder, createHash("sha256").update(owner).digest("hex").slice(0, 32));
    await mkdir(this.#place, { recursive: true, mode: MODE });
    const left = await this.#takeOwn();
    const others = await this.#adopt();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking
        .then(async () => adopted(inOrder(await this.#adopt())))
        // The next round tries again.
        .catch(() => undefined);
    }, ADOPT_MS);
    this.#timer.unref?.();
    return inOrder([left, ...others]);
  }

  async add(event: KeptEvent): Promise<void> {
    if (this.#own === undefined) throw new HubbubError("closed");
    await (this.#holderOf(event.id)?.file ?? this.#own).add(event);
  }

  async remove(id: string): Promise<void> {
    const slot = this.#holderOf(id);
    if (slot === undefined) return;
    await slot.file.remove(id);
    if (slot.file === this.#own || slot.file.size > 0 || !this.#slots.includes(slot)) return;
    this.#slots = this.#slots.filter((one) => one !== slot);
    await slot.file.closeAndTidy();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    const slots = this.#slots;
    this.#slots = [];
    this.#own = undefined;
    await Promise.all(slots.map(({ file }) => file.closeAndTidy()));
  }

  #holderOf(id: string): Slot | undefined {
    return this.#slots.find(({ file }) => file.has(id));
  }

  /** The first file that no other process has. */
  async #takeOwn(): Promise<readonly KeptEvent[]> {
    for (let number = 1; number <= SLOTS_MAX; number += 1) {
      const events = await this.#take(`${number}.json`);
      if (events === undefined) continue;
      this.#own = this.#slots[0]?.file;
      return events;
    }
    throw new HubbubError("outbox_in_use", `${SLOTS_MAX} processes keep unsent messages in ${this.#place}: end one`);
  }

  /** What processes left that are gone. Not more than is sent soon: the rest later. */
  async #adopt(): Promise<(readonly KeptEvent[])[]> {
    const names = (await readdir(this.#place)).filter((name) => /^\d+\.json$/.test(name)).sort();
    const adopted: (readonly KeptEvent[])[] = [];
    for (const name of names) {
      const count = this.#slots.reduce((sum, { file }) => sum + file.size, 0);
      if (count >= (this.#bounds.maxEvents ?? KEPT_MAX)) break;
      if (this.#slots.some((slot) => slot.name === name)) continue;
      adopted.push((await this.#take(name)) ?? []);
    }
    await this.#letGoOfEmpty();
    return adopted;
  }

  /** undefined: another process has it. */
  async #take(name: string): Promise<readonly KeptEvent[] | undefined> {
    const file = new FileOutbox(join(this.#place, name), this.#bounds, { isPatient: false });
    try {
      const events = await file.open(this.#owner);
      this.#slots = [...this.#slots, { name, file }];
      return events;
    } catch (error) {
      await file.close();
      if (error instanceof HubbubError && error.code === "outbox_in_use") return undefined;
      throw error;
    }
  }

  async #letGoOfEmpty(): Promise<void> {
    const empty = this.#slots.filter(({ file }) => file !== this.#own && file.size === 0);
    this.#slots = this.#slots.filter((slot) => !empty.includes(slot));
    await Promise.all(empty.map(({ file }) => file.closeAndTidy()));
  }
}

/** The events of a file keep their order, whatever the clock did. */
function inOrder(files: readonly (readonly KeptEvent[])[]): KeptEvent[] {
  return [...files].sort((one, other) => (one[0]?.at ?? 0) - (other[0]?.at ?? 0)).flat();
}
