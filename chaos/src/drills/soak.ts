import { readdir, readFile } from "node:fs/promises";
import { BrokenPromise, type Fault } from "./fault.ts";
import { type Sample, trendOf } from "./trend.ts";

const MINUTES = 30;
const MINUTE_MS = 60_000;
const SAMPLES_PER_MINUTE = 12;
const MIB = 1_048_576;
const KIB = 1_024;
/** Of the mean, over the time that is judged: garbage that comes and goes is more on a small heap, so there is a least, too. */
const GROWTH_SHARE = 0.1;
const GROWTH_MIN_MIB = 16;
const DESCRIPTORS_MAX = 8;
/** Caches and rings fill at first: the fit is over what follows this share of the time. */
const FILLING_SHARE = 0.4;

interface Watched {
  readonly name: string;
  readonly pid: number;
  readonly memory: Sample[];
  readonly descriptors: Sample[];
}

/** The usual load, and nothing else. */
export function soak(minutes = MINUTES): Fault {
  return {
    name: "soak",
    does: `the usual load for ${minutes} minutes (--minutes)`,
    expected: `memory of every process grows by at most ${GROWTH_SHARE * 100} % or ${GROWTH_MIN_MIB} MiB, and its descriptors by ${DESCRIPTORS_MAX}, by a linear fit behind the first ${FILLING_SHARE * 100} % of the time`,
    guarantees: ["G8"],
    maxWaitMs: 5_000,
    async inject({ cluster, say, sleep, afterwards }) {
      const processes = [...cluster.gateways, ...cluster.apis, ...cluster.writers];
      const watched = processes.map(({ name, pid }): Watched => ({ name, pid, memory: [], descriptors: [] }));
      const count = minutes * SAMPLES_PER_MINUTE;
      for (let at = 0; at < count; at += 1) {
        await Promise.all(watched.map((one) => look(one, at)));
        await sleep(MINUTE_MS / SAMPLES_PER_MINUTE);
        if (at % SAMPLES_PER_MINUTE === 0) say(`${at / SAMPLES_PER_MINUTE} of ${minutes} minutes`);
      }
      const verdicts = watched.map((one) => judge(one, count));
      for (const { line } of verdicts) afterwards(async () => line);
      const faults = verdicts.flatMap(({ faults: found }) => found);
      if (faults.length > 0) throw new BrokenPromise(faults.join("; "));
    },
  };
}

async function look({ name, pid, memory, descriptors }: Watched, at: number): Promise<void> {
  const [status, open] = await Promise.all([readFile(`/proc/${pid}/status`, "utf8"), readdir(`/proc/${pid}/fd`)]).catch(
    (error: unknown) => {
      throw new BrokenPromise(`${name} ended, or /proc cannot be read: ${String(error)}`);
    },
  );
  memory.push({ at, value: (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * KIB) / MIB });
  descriptors.push({ at, value: open.length });
}

function judge({ name, memory, descriptors }: Watched, count: number): { line: string; faults: string[] } {
  const [rss, open] = [memory, descriptors].map((samples) => trendOf(samples, count * FILLING_SHARE));
  if (rss === undefined || open === undefined) throw new RangeError("nothing was measured");
  const growthMax = Math.max(GROWTH_MIN_MIB, rss.mean * GROWTH_SHARE);
  const line = `${name}: ${rss.mean.toFixed(0)} MiB, grown by ${rss.growth.toFixed(1)}; ${open.mean.toFixed(0)} descriptors, grown by ${open.growth.toFixed(1)}`;
  return {
    line,
    faults: [
      ...(rss.growth > growthMax ? [`memory of ${name} grew by ${rss.growth.toFixed(1)} MiB`] : []),
      ...(open.growth > DESCRIPTORS_MAX ? [`descriptors of ${name} grew by ${open.growth.toFixed(1)}`] : []),
    ],
  };
}
