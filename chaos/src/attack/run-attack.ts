import { TERMINAL_CONTROLS } from "@hubbub/protocol";
import { broken, type Outcome, openTarget, type Probe, type Target } from "./probe.ts";
import { requestProbes } from "./request-probes.ts";
import { sessionProbes } from "./session-probes.ts";
import { socketProbes } from "./socket-probes.ts";
import { transportProbes } from "./transport-probes.ts";

/** One probe may take so long, whatever the server does. */
const PROBE_MS = 90_000;
/** Characters of what was seen. */
const SAW_MAX = 2_000;

/** Floods come last: the server may block this client for a flood, and then refuses all later probes. */
export const PROBES: readonly Probe[] = [...transportProbes, ...sessionProbes, ...requestProbes, ...socketProbes];

export interface Result extends Outcome {
  readonly probe: Probe;
  readonly ms: number;
}

export interface AttackOptions {
  readonly url: URL;
  /** Part of the names of the probes that run. */
  readonly only: string;
  /** Names of those that do not. */
  readonly without?: readonly string[] | undefined;
  readonly print: (line: string) => void;
}

/** One probe after the other. @throws when the URL does not answer */
export async function runAttack({ url, only, without = [], print }: AttackOptions): Promise<readonly Result[]> {
  const target = await openTarget(url);
  const results: Result[] = [];
  for (const probe of PROBES) {
    if (!probe.name.includes(only) || without.includes(probe.name)) continue;
    const startedAt = performance.now();
    const outcome = harmless(await bounded(probe, target));
    results.push({ probe, ...outcome, ms: Math.round(performance.now() - startedAt) });
    print(`${outcome.verdict.padEnd(8)} ${probe.name}: ${outcome.saw}`);
  }
  return results;
}

/** Statuses, headers and errors have words of the server, for terminals and files. */
const harmless = ({ verdict, saw }: Outcome): Outcome => {
  return { verdict, saw: saw.slice(0, SAW_MAX).replace(TERMINAL_CONTROLS, "\ufffd") };
};

async function bounded(probe: Probe, target: Target): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(resolve, PROBE_MS, broken(`not over within ${PROBE_MS / 1_000} s`));
  });
  try {
    return await Promise.race([probe.run(target), late]);
  } catch (error) {
    return broken(`the probe failed: ${error instanceof Error ? error.message : error}`);
  } finally {
    clearTimeout(timer);
  }
}
