import { execFileSync } from "node:child_process";
import { setMaxListeners } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster, type NginxService, startCluster, startNginx } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Attack, faultsOf, type Target } from "./attack.ts";
import { HTTP_LIMITS, httpAttacks } from "./attacks-http.ts";
import { LIMITS, webSocketAttacks } from "./attacks-ws.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { arriveFrom, type Crowd, type Figures, gatherCrowd } from "./crowd.ts";
import { drips, dripUntilCut } from "./slowloris.ts";
import { printTable } from "./table.ts";

/** Attacks on a cluster, one after the other, while 50 people go on talking; nothing of theirs may be lost or doubled. */
let cluster: Cluster;
let strict: NginxService;
let crowd: Crowd;
let target: Target;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 1, writers: 1, env: { ...LIMITS, ...HTTP_LIMITS } });
  const gatewayPort = cluster.gateways[0]?.port ?? 0;
  const apiUrl = cluster.apis[0]?.url ?? "";
  const gatewayWs = `ws://127.0.0.1:${gatewayPort}/ws`;
  strict = await startNginx({ gateways: [gatewayPort], apis: [Number(new URL(apiUrl).port)], limits: true });
  const attacker = await arriveFrom(apiUrl, "203.0.113.254");
  target = { gatewayWs, nginxWs: cluster.wsUrl, apiUrl, strictUrl: strict.url, attacker };
  crowd = await gatherCrowd({
    apiUrl,
    wsUrls: [gatewayWs, cluster.wsUrl],
    members: 50,
    rooms: 5,
    messagesPerSecond: 100,
  });
});
afterAll(async () => {
  await strict?.[Symbol.asyncDispose]();
  await cluster?.stop();
});

const BASELINE_MS = 2_000;
/** What one attack may last at least, so that there is something to measure. */
const PHASE_MS = 600;
const MEMORY_BACK_MS = 20_000;
/** Of what is in use when the garbage is out: the heap and what hangs on it. */
const MEMORY_SHARE = 1.3;
/** Of what the kernel has given, of which V8 keeps what it once needed: code, and room for the next garbage. */
const RESIDENT_SHARE = 1.8;
/** Machines differ and this one is shared: far above what is seen, far below what people would call broken. */
const P99_MAX_MS = 2_000;
const MB = 1_024;

interface Row {
  readonly attack: string;
  readonly outcome: string;
  readonly figures: Figures;
  readonly loopMs: number;
  /** Memory of the gateway when it was over. */
  readonly megabytes: number;
  readonly faults: readonly string[];
}

test("G7 G8 each attack gets its code and is shut out, and 50 people beside it lose nothing", async () => {
  const memory = { before: 0, after: 0, back: 0, backMs: 0 };
  const rows: Row[] = [await during("none: the baseline", () => sleep(BASELINE_MS, {}), {})];
  memory.before = await usedMegabytes();
  const residentBefore = residentMegabytes();
  const dripping = drip();
  for (const { name, run, expect: expected } of [...webSocketAttacks, ...httpAttacks]) {
    rows.push(await during(name, () => run(target), expected));
  }
  memory.after = await usedMegabytes();
  const dripped = await dripping;
  const verdict = await crowd.finish();
  Object.assign(memory, await untilBack(memory.before));
  report(rows, dripped);
  const { before, after, back, backMs } = memory;
  process.stdout.write(
    `  people: ${verdict.sent} sent, ${verdict.acked} acked, ${verdict.delivered} delivered, ${verdict.faults.length} faults\n` +
      `  memory in use in the gateway: ${before} MB before, ${after} MB after the last attack, ${back} MB ${backMs} ms later; ` +
      `resident ${residentBefore} MB, then ${residentMegabytes()} MB\n`,
  );
  expect(rows.flatMap(({ attack, faults }) => faults.map((fault) => `${attack}: ${fault}`))).toEqual([]);
  expect(verdict.faults).toEqual([]);
  expect(verdict.acked).toBe(verdict.sent);
  expect(Math.max(...rows.map(({ figures }) => figures.p99))).toBeLessThan(P99_MAX_MS);
  expect(back).toBeLessThan(before * MEMORY_SHARE);
  expect(residentMegabytes()).toBeLessThan(residentBefore * RESIDENT_SHARE);
  expect(dripped.flatMap(({ faults }) => faults)).toEqual([]);
  expect(cluster.gateways.map(({ restarts }) => restarts)).toEqual([0]);
  expect(cluster.apis.map(({ restarts }) => restarts)).toEqual([0]);
});

async function during(
  attack: string,
  run: Attack["run"] | (() => Promise<object>),
  expected: Attack["expect"],
): Promise<Row> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const { result, figures } = await crowd.measure(async () => {
    const [saw] = await Promise.all([run(target), sleep(PHASE_MS)]);
    return saw as Record<string, number>;
  });
  delay.disable();
  const outcome = Object.entries(result).map(([name, count]) => `${name} ×${count}`);
  return {
    attack,
    outcome: outcome.join(", "),
    figures,
    loopMs: delay.percentile(99) / 1e6,
    megabytes: residentMegabytes(),
    faults: faultsOf(result, expected),
  };
}

/** Of the gateway. */
function residentMegabytes(): number {
  const kilobytes = execFileSync("ps", ["-o", "rss=", "-p", `${cluster.gateways[0]?.pid}`], { encoding: "utf8" });
  return Math.round(Number(kilobytes) / MB);
}

/** Of the gateway, when the garbage is out: heap and external memory. */
async function usedMegabytes(): Promise<number> {
  await collectGarbage(cluster.gateways[0]?.pid ?? 0);
  const text = await (await fetch(`${cluster.gateways[0]?.url}/metrics`)).text();
  const bytes = ["nodejs_heap_size_used_bytes", "nodejs_external_memory_bytes"].map((name) =>
    Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]),
  );
  return Math.round(bytes.reduce((sum, part) => sum + part, 0) / MB / MB);
}

async function untilBack(before: number): Promise<{ back: number; backMs: number }> {
  const startedAt = performance.now();
  for (;;) {
    const back = await usedMegabytes();
    const backMs = Math.round(performance.now() - startedAt);
    if (back < before * MEMORY_SHARE || backMs > MEMORY_BACK_MS) return { back, backMs };
    await sleep(250);
  }
}

interface Dripped {
  readonly drip: string;
  readonly at: string;
  readonly cutAfterMs: number | null;
  readonly faults: readonly string[];
}

const DRIPS_EACH = 10;
/** nginx gives a whole head 5 s; a process alone looks every few seconds whether enough came within 10 s. */
const CUT_WITHIN_MS = { nginx: 6_500, gateway: 15_000, api: 15_000 };
/** nginx reads a body for as long as something comes every 10 s, and keeps it to itself until it is whole. */
const HELD = "nginx a body";

async function drip(): Promise<Dripped[]> {
  const ports = {
    gateway: new URL(target.gatewayWs).port,
    api: new URL(target.apiUrl).port,
    nginx: cluster.nginx.port,
  };
  const signal = AbortSignal.timeout(CUT_WITHIN_MS.api);
  setMaxListeners(0, signal);
  const all = drips.flatMap((one) =>
    (["gateway", "api", "nginx"] as const).map(async (at) => {
      const cuts = Array.from({ length: DRIPS_EACH }, () => dripUntilCut(Number(ports[at]), one, signal));
      const ends = (await Promise.all(cuts)).map((ms) => ms ?? Number.POSITIVE_INFINITY);
      const last = Math.max(...ends);
      const isFault = `${at} ${one.name}` === HELD ? Number.isFinite(Math.min(...ends)) : last > CUT_WITHIN_MS[at];
      const faults = isFault ? [`${at}, ${one.name}: ended after ${last} ms`] : [];
      return { drip: one.name, at, cutAfterMs: Number.isFinite(last) ? Math.round(last) : null, faults };
    }),
  );
  return Promise.all(all);
}

function report(rows: readonly Row[], dripped: readonly Dripped[]): void {
  printTable(
    "Attacks, and 50 people who talk meanwhile (ms from publish to delivery; loop: delay of the measuring process)",
    rows.map(({ attack, outcome, figures, loopMs, megabytes }) => ({
      attack,
      deliveries: figures.deliveries,
      p50: figures.p50.toFixed(1),
      p99: figures.p99.toFixed(1),
      "loop p99": loopMs.toFixed(1),
      "gateway MB": megabytes,
      outcome,
    })),
  );
  printTable(
    `Slowloris: ${DRIPS_EACH} connections each, a byte every half second`,
    dripped.map(({ drip: what, at, cutAfterMs }) => ({
      dripping: what,
      at,
      outcome:
        cutAfterMs === null
          ? "held while it drips: nothing of it reaches a process"
          : `cut after ${cutAfterMs} ms at the latest`,
    })),
  );
}
