import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { attackOf, type Target } from "./attack.ts";

/**
 * The attacker, in a thread of its own. It stands for another machine: on this one it takes what is left of the cores, so
 * that the clients which measure do not wait for it, and the server does.
 */
const lowestPriority = 19;
const { name, target } = workerData as { name: string; target: Target };
const attack = attackOf(name);
const counts = new Map<string, number>();
let stopping = new AbortController();
let striking: Promise<void> = Promise.resolve();

// Linux has a priority for each thread; 0 is the calling one.
setPriority(0, lowestPriority);
parentPort?.on("message", async (order: "begin" | "pause") => {
  if (order === "begin") {
    stopping = new AbortController();
    striking = attack.strike(target, stopping.signal, (what) => counts.set(what, (counts.get(what) ?? 0) + 1));
    return;
  }
  stopping.abort();
  await striking;
  parentPort?.postMessage([...counts]);
});
await attack.prepare?.(target);
parentPort?.postMessage("ready");
