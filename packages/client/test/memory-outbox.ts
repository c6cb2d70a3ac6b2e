import { HubbubError } from "../src/hubbub-error.ts";
import type { KeptEvent, OutboxStorage } from "../src/outbox-storage.ts";

/** What survives a crash. */
export interface Disk {
  readonly kept: (KeptEvent & { readonly owner: string })[];
}

/** A storage in memory. `beforeStep` is asked before and behind each change; what never resolves is a crash there. */
export class MemoryOutbox implements OutboxStorage {
  readonly #disk: Disk;
  readonly #beforeStep: (step: string) => Promise<void>;
  readonly #max: number;
  #owner = "";
  adopted: (messages: readonly KeptEvent[]) => void = () => undefined;

  constructor(disk: Disk, beforeStep: (step: string) => Promise<void> = async () => undefined, max = 1_000) {
    this.#disk = disk;
    this.#beforeStep = beforeStep;
    this.#max = max;
  }

  async open(owner: string, adopted: (messages: readonly KeptEvent[]) => void): Promise<readonly KeptEvent[]> {
    await this.#beforeStep("open");
    this.#owner = owner;
    this.adopted = adopted;
    return this.#disk.kept.filter((one) => one.owner === owner).map(({ owner: _, ...message }) => message);
  }

  async add(message: KeptEvent): Promise<void> {
    await this.#beforeStep("add");
    if (this.#disk.kept.length >= this.#max) throw new HubbubError("outbox_full");
    this.#disk.kept.push({ ...message, owner: this.#owner });
    await this.#beforeStep("added");
  }

  async remove(id: string): Promise<void> {
    await this.#beforeStep("remove");
    const at = this.#disk.kept.findIndex((one) => one.id === id && one.owner === this.#owner);
    if (at >= 0) this.#disk.kept.splice(at, 1);
    await this.#beforeStep("removed");
  }

  async close(): Promise<void> {
    await this.#beforeStep("close");
  }
}
