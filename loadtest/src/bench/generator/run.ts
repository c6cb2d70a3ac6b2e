import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { readUsage, usageBetween } from "../measure/usage.ts";
import type { Load } from "./load.ts";
import type { Counts, Run, RunResult } from "./load-plan.ts";
import { pace } from "./pace.ts";

const DRAIN_STEP_MS = 20;
/** Nothing came for so long: nothing more will. */
const DRAIN_QUIET_MS = 1_500;

/** Adds the generator itself to the processes under test. */
export function withGenerator(groups: readonly ProcessGroup[]): ProcessGroup[] {
  return [...groups, { name: "generator", roots: [process.pid] }];
}

/** Warms up, opens the window, closes it, and waits for what is still under way. */
export async function runLoad(load: Load, run: Run, copies: number): Promise<RunResult> {
  const groups = withGenerator(run.groups);
  const stop = new AbortController();
  const driving = drive(load, run.drive, stop.signal);
  await sleep(run.warmupMs);
  load.forgetTimes();
  const before = { counts: load.counts, usage: readUsage(groups) };
  await sleep(run.windowMs);
  const after = { counts: load.counts, usage: readUsage(groups) };
  stop.abort();
  await driving;
  await drain(load, copies, run.drainMs);
  const { seconds, cpu, machine } = usageBetween(before.usage, after.usage);
  return {
    windowSeconds: seconds,
    window: difference(before.counts, after.counts),
    cpu,
    machine,
    total: load.counts,
    expectedDeliveries: load.counts.sent * copies,
    ...load.faults,
    ...load.times,
  };
}

/** Sends until the signal is aborted. */
export async function drive(load: Load, drive: Run["drive"], signal: AbortSignal): Promise<void> {
  if (load.senders === 0) return;
  if ("open" in drive) {
    await pace(drive.open, signal, (index, dueMs) => load.send(index % load.senders, dueMs));
    return;
  }
  load.onAck = (sender) => {
    if (!signal.aborted) load.send(sender);
  };
  for (let round = 0; round < drive.closed; round++) {
    for (let sender = 0; sender < load.senders; sender++) load.send(sender);
  }
}

/** Where the messages come from elsewhere, quiet is the only end there is. */
export async function drain(load: Load, copies: number, drainMs: number): Promise<void> {
  const deadline = performance.now() + drainMs;
  let quietSince = performance.now();
  let last = load.counts.delivered;
  while (performance.now() < deadline && performance.now() - quietSince < DRAIN_QUIET_MS) {
    const { sent, acked, delivered } = load.counts;
    if (sent > 0 && acked >= sent && delivered >= sent * copies) return;
    if (delivered !== last) quietSince = performance.now();
    last = delivered;
    await sleep(DRAIN_STEP_MS);
  }
}

export function difference(before: Counts, after: Counts): Counts {
  return {
    sent: after.sent - before.sent,
    acked: after.acked - before.acked,
    delivered: after.delivered - before.delivered,
  };
}
