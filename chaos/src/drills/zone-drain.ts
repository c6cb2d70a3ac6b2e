import type { Cluster, ClusterProcess } from "@hubbub/testkit";
import { RACED } from "./changes.ts";
import { BrokenPromise, type Fault, type Scene } from "./fault.ts";

const ZONE = "a";
const DRAINED_WITHIN_MS = 60_000;
/** As G10 promises for a restart. */
const longestWaitMs = 2_000;
/** Connections that only listen, beside those of the load: enough to be out of balance. */
const listeners = 100;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function metricOf(process: ClusterProcess | undefined, name: string): Promise<number> {
  const text = await (await fetch(`${process?.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

/** Connections of the first gateway, which is in the zone, and of the second one. */
async function spread({ gateways: [inside, outside] }: Cluster): Promise<readonly [number, number]> {
  return [await metricOf(inside, "hubbub_connections"), await metricOf(outside, "hubbub_connections")];
}

function shardsInside({ writers: [inside] }: Cluster): Promise<number> {
  return metricOf(inside, "hubbub_writer_leases");
}

/** Other refusals are of changes that race with each other, in every drill. */
function refusedCount({ traffic }: Scene): number {
  const codes = [...traffic().refusals].filter(([code]) => !RACED.includes(code));
  return codes.reduce((sum, [, count]) => sum + count, 0);
}

async function expectDrained({ cluster }: Scene): Promise<void> {
  const [left] = await spread(cluster);
  const shards = await shardsInside(cluster);
  if (left !== 0 || shards !== 0)
    throw new BrokenPromise(`the drained zone has ${left} connections and ${shards} shards`);
}

export const zoneDrain: Fault = {
  name: "zone-drain",
  does: "one of two zones is drained under load, undone, and its gateway filled again by a rebalance",
  expected: `drained within ${DRAINED_WITHIN_MS / 1_000} s; no publish is refused; no client waits more than ${longestWaitMs / 1_000} s for an ack`,
  guarantees: ["G1", "G2", "G3", "G5", "G10"],
  needs: { apis: 2, zones: [ZONE, "b"], listeners, env: { ZONE_DRAIN_MS: "5000" } },
  maxWaitMs: longestWaitMs,
  async inject(scene) {
    const { cluster, say, afterwards } = scene;
    const refused = refusedCount(scene);
    const drainedMs = await timed(() => cluster.command("drain", "--zone", ZONE));
    say(`zone ${ZONE} is drained after ${Math.round(drainedMs)} ms`);
    if (drainedMs > DRAINED_WITHIN_MS) throw new BrokenPromise(`zone ${ZONE} was drained after ${drainedMs} ms`);
    await expectDrained(scene);
    const undoneMs = await timed(() => cluster.command("drain", "--zone", ZONE, "--undo"));
    say(`zone ${ZONE} serves again after ${Math.round(undoneMs)} ms`);
    await cluster.ready();
    const before = await spread(cluster);
    await cluster.command("rebalance", "--max-move", "50%");
    await scene.sleep(2_000);
    const after = await spread(cluster);
    say(`connections before the rebalance: ${before.join(" and ")}, after it ${after.join(" and ")}`);
    if (after[0] <= before[0]) throw new BrokenPromise(`the rebalance moved nothing: ${after.join(" and ")}`);
    if ((await shardsInside(cluster)) === 0) throw new BrokenPromise("the writer of the zone took no shards again");
    if (refusedCount(scene) > refused) throw new BrokenPromise(`${refusedCount(scene) - refused} events were refused`);
    scene.healed();
    afterwards(
      async () =>
        `drained after ${(drainedMs / 1_000).toFixed(1)} s, undone after ${(undoneMs / 1_000).toFixed(1)} s; connections ${before.join(" and ")} before the rebalance, ${after.join(" and ")} after it`,
    );
  },
};
