import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "@hubbub/store";
import { newId } from "./catalogue.ts";
import { ledgerLines, ledgerName, retainLedgers } from "./ledger.ts";
import { contentOf, Meter, pack } from "./pack.ts";
import type { Seal } from "./seal.ts";
import type { Target } from "./target.ts";

export interface LedgerKeeperOptions {
  readonly store: Pick<Store, "erasures" | "audit">;
  /** The system identifier of its database. */
  readonly cluster: string;
  readonly targets: readonly Target[];
  readonly seal: Seal;
  /** For a moment. */
  readonly folder: string;
}

/** Keeps the ledger of the targets as new as it is between two backups: what was taken away must hold after any restore. */
export class LedgerKeeper {
  readonly #options: LedgerKeeperOptions;
  /** The hash of the ledger that each target has from here. */
  readonly #kept = new Map<Target, string>();

  constructor(options: LedgerKeeperOptions) {
    this.#options = options;
  }

  /** Gives it to the targets that have an older one. @throws what keeps it from being read, or a target from taking it */
  async keep(): Promise<void> {
    const { store, targets, seal, folder } = this.#options;
    const meter = new Meter();
    const packed = await pack(meter.through(ledgerLines(store)), join(folder, `${crypto.randomUUID()}.gz`), seal);
    try {
      const { sha256 } = meter.result();
      const behind = targets.filter((target) => this.#kept.get(target) !== sha256);
      const done = await Promise.allSettled(behind.map((target) => this.#put(target, packed.path, sha256)));
      for (const one of done) if (one.status === "rejected") throw one.reason;
    } finally {
      await rm(packed.path, { force: true });
    }
  }

  async #put(target: Target, path: string, sha256: string): Promise<void> {
    const { cluster, seal } = this.#options;
    await using objects = await target.open();
    await objects.put(ledgerName(cluster, newId(new Date()), seal.suffix), contentOf(path));
    this.#kept.set(target, sha256);
    await retainLedgers(objects, cluster);
  }
}
