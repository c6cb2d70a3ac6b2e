import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "./logger.ts";

/** A started service. */
export interface Service {
  /** Stop taking new work and hand over what there is, within the deadline of the signal. */
  drain(deadline: AbortSignal): Promise<void>;
  /** Let go of everything. */
  stop(): Promise<void>;
  /** Resolves with the reason when the service must not go on: it leaves as at a signal, and the process ends with 1. */
  readonly ended?: Promise<string> | undefined;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Of the time to leave in, how much the drain may take: the rest is for letting go in good order. */
const DRAIN_SHARE = 0.8;

/**
 * Starts a service and stays until a signal: readiness goes red, the service drains, stops, and the process ends
 * with 0, or with 1 when the service ended by itself. A signal during the start waits for it. A second signal, or
 * `drainMs` gone by, ends it with 1. A bug (an uncaught error) ends it with 1 at once, to be started again by its
 * supervisor.
 */
export async function run(start: () => Promise<Service>, log: Logger, drainMs: number): Promise<void> {
  const fail = (error: unknown): void => {
    log.fatal({ err: error }, "uncaught error");
    process.exit(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const signalled = nextSignal();
  void signalled.then(nextSignal).then(() => process.exit(1));
  const service = await start();
  const { signal, reason } = await causeOf(signalled, service.ended);
  if (reason !== undefined) log.error(reason);
  log.info({ signal }, "draining");
  const hurry = new AbortController();
  const late = delay(drainMs, "late", { signal: hurry.signal, ref: false }).catch(() => "done");
  const done = service.drain(AbortSignal.timeout(drainMs * DRAIN_SHARE)).then(() => service.stop());
  const outcome = await Promise.race([done, late]);
  hurry.abort();
  if (outcome === "late") log.error({ drainMs }, "drain deadline passed");
  else log.info("stopped");
  process.exit(outcome === "late" || reason !== undefined ? 1 : 0);
}

type Cause = { readonly signal?: string; readonly reason?: string };

async function causeOf(signalled: Promise<string>, ended: Promise<string> | undefined): Promise<Cause> {
  const bySignal = signalled.then((signal) => ({ signal }));
  return await Promise.race(ended === undefined ? [bySignal] : [bySignal, ended.then((reason) => ({ reason }))]);
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const heard = (signal: string): void => {
      for (const name of SIGNALS) process.off(name, heard);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, heard);
  });
}
