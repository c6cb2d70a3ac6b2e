import { setTimeout as sleep } from "node:timers/promises";
import { readUsage, usageBetween } from "../measure/usage.ts";
import type { Load } from "./load.ts";
import type { OverloadResult, OverloadRun } from "./overload-plan.ts";
import { difference, drain, drive, withGenerator } from "./run.ts";

const SECOND_MS = 1_000;
/** What was under way at saturation may take so long to be answered before the overload begins. */
const PAUSE_MS = 3_000;
/** An answer that takes longer than this after the overload says that it is not over. */
const LATE_MICROSECONDS = 250_000;

interface Phase {
  readonly sent: number;
  readonly acked: number;
  readonly seconds: number;
}

/** Finds what the server carries, offers it `factor` times that for a while, then `calm` times that, and looks how it does. */
export async function overload(load: Load, run: OverloadRun): Promise<OverloadResult> {
  const groups = withGenerator(run.groups);
  const saturated = await saturate(load, run);
  await drain(load, run.copies, PAUSE_MS);
  const { errors: errorsBefore } = load.faults;
  load.forgetTimes();
  const before = readUsage(groups);
  const overloaded = await offer(load, saturated * run.factor, run.overloadMs);
  const { ackMicroseconds } = load.times;
  const during = usageBetween(before, readUsage(groups));
  const { errors: errorsAfter, firstError } = load.faults;
  const recoveryMs = await recover(load, saturated * run.calm, run.recoveryMs);
  return {
    saturated,
    offered: overloaded.sent / overloaded.seconds,
    goodput: overloaded.acked / overloaded.seconds,
    slowest: Math.min(...overloaded.perSecond),
    seconds: overloaded.seconds,
    refused: errorsAfter - errorsBefore,
    refusedAfter: load.faults.errors - errorsAfter,
    firstError,
    recoveryMs,
    ackMicroseconds,
    cpu: during.cpu,
    machine: during.machine,
  };
}

/** Acknowledged messages a second, with so many unanswered for each sender. */
async function saturate(load: Load, { inFlight, warmupMs, windowMs }: OverloadRun): Promise<number> {
  const stop = new AbortController();
  const driving = drive(load, { closed: inFlight }, stop.signal);
  await sleep(warmupMs);
  const phase = await count(load, () => sleep(windowMs));
  stop.abort();
  await driving;
  load.onAck = () => undefined;
  return phase.acked / phase.seconds;
}

async function offer(load: Load, rate: number, forMs: number): Promise<Phase & { readonly perSecond: number[] }> {
  const stop = new AbortController();
  const driving = drive(load, { open: rate }, stop.signal);
  const perSecond: number[] = [];
  const whole = await count(load, async () => {
    for (let left = forMs; left > 0; left -= SECOND_MS) {
      const { acked, seconds } = await count(load, () => sleep(Math.min(left, SECOND_MS)));
      perSecond.push(acked / seconds);
    }
  });
  stop.abort();
  await driving;
  return { ...whole, perSecond };
}

/** Milliseconds until the last late answer or refusal; null when they went on until the end. */
async function recover(load: Load, rate: number, forMs: number): Promise<number | null> {
  const started = performance.now();
  let lastBad = started;
  load.onAck = (_sender, microseconds) => {
    if (microseconds > LATE_MICROSECONDS) lastBad = performance.now();
  };
  load.onFault = () => {
    lastBad = performance.now();
  };
  await offer(load, rate, forMs);
  const quietMs = performance.now() - lastBad;
  return quietMs < SECOND_MS ? null : lastBad - started;
}

async function count(load: Load, during: () => Promise<unknown>): Promise<Phase> {
  const before = { at: performance.now(), counts: load.counts };
  await during();
  const { sent, acked } = difference(before.counts, load.counts);
  return { sent, acked, seconds: (performance.now() - before.at) / SECOND_MS };
}
