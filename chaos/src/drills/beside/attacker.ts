import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Target } from "./attack.ts";

/** The attacker as its orders reach it. */
export interface Attacker extends AsyncDisposable {
  begin(): void;
  /** Resolves when it strikes no more, with what it was answered since the start. */
  pause(): Promise<ReadonlyMap<string, number>>;
}

/** Resolves when the attack is prepared. */
export async function startAttacker(name: string, target: Target): Promise<Attacker> {
  const worker = new Worker(new URL("./attacker-main.js", import.meta.url), { workerData: { name, target } });
  const ready = once(worker, "message");
  await Promise.race([ready, once(worker, "error").then(([error]) => Promise.reject(error))]);
  return {
    begin: () => worker.postMessage("begin"),
    async pause() {
      const answered = once(worker, "message");
      worker.postMessage("pause");
      const [counts] = await answered;
      return new Map(counts as [string, number][]);
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
