import { Worker } from "node:worker_threads";

/** Looks in the time of one watchdog: the process ends at most a look late. */
const LOOKS = 10;

/**
 * Runs on a thread of its own. It counts its own looks and not the clock: a process that was frozen as a whole, by a
 * debugger or a paused container, has missed nothing when it goes on.
 */
const GUARD = `
const { writeSync } = require("node:fs");
const { workerData: { beats, ms, looks } } = require("node:worker_threads");
let seen = -1;
let still = 0;
setInterval(() => {
  const beat = Atomics.load(beats, 0);
  still = beat === seen ? still + 1 : 0;
  seen = beat;
  if (still < looks) return;
  writeSync(2, "the event loop has stood still for " + ms + " ms; ending the process so that it can be started again\\n");
  process.kill(process.pid, "SIGKILL");
}, ms / looks);
`;

/**
 * Ends this process with SIGKILL when its event loop has not turned for `ms` milliseconds: a process that hangs keeps its
 * connections and is asked again and again, a process that is gone is replaced. Answers how to stop watching.
 */
export function startWatchdog(ms: number): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const guard = new Worker(GUARD, { eval: true, execArgv: [], workerData: { beats, ms, looks: LOOKS } });
  guard.unref();
  const pulse = setInterval(() => Atomics.add(beats, 0, 1), ms / (2 * LOOKS));
  pulse.unref();
  return async () => {
    clearInterval(pulse);
    await guard.terminate();
  };
}
