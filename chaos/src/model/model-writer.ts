import { createLogger } from "@hubbub/runtime";
import { createWriter, type Writer, type WriterSettings } from "@hubbub/writer";
import { ModelBroker } from "./model-broker.ts";
import type { ModelLog } from "./model-log.ts";
import { modelMetrics } from "./model-metrics.ts";
import type { ModelProcess } from "./model-process.ts";
import { type ModelDatabase, ModelStore } from "./model-store.ts";

const silent = createLogger({ level: "silent", node: "model" });

/** A writer as it is, on a network, a log and a store that are not. */
export class ModelWriter {
  readonly process: ModelProcess;
  readonly broker: ModelBroker;
  readonly #writer: Writer;

  constructor(process: ModelProcess, log: ModelLog, database: ModelDatabase, settings: WriterSettings) {
    this.process = process;
    this.broker = new ModelBroker(log, process);
    this.#writer = createWriter({
      broker: this.broker,
      store: new ModelStore(database, process),
      settings,
      owner: process.name,
      metrics: modelMetrics,
      log: silent,
    });
  }

  kill(): void {
    this.process.kill();
  }

  async leave(): Promise<void> {
    await this.#writer.drain(new AbortController().signal);
    this.kill();
  }
}
