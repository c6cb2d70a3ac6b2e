import type { ClusterProcess } from "@hubbub/testkit";
import type { Fault, Scene } from "./fault.ts";
import { readCosts } from "./read-costs.ts";

/** What G10 promises. */
const longestWaitMs = 2_000;

async function replace(process: ClusterProcess, { say, sleep, cluster }: Scene): Promise<void> {
  const { restarts } = process;
  await process.kill("SIGTERM");
  say(`${process.name} has left`);
  while (process.restarts === restarts) await sleep(50);
  await cluster.ready();
  say(`${process.name} is ready`);
}

export const leavingFaults: readonly Fault[] = [
  {
    name: "rolling-restart",
    does: "every gateway, api process and writer is replaced, one after the other, under load",
    expected: `no client waits more than ${longestWaitMs / 1_000} s for an ack`,
    guarantees: ["G1", "G2", "G3", "G5", "G10"],
    needs: { apis: 2 },
    maxWaitMs: longestWaitMs,
    async inject(scene) {
      const { gateways, apis, writers } = scene.cluster;
      for (const process of [...gateways, ...apis, ...writers]) await replace(process, scene);
      scene.healed();
    },
  },
  {
    name: "storm",
    does: "kill -9 of a gateway with a thousand listening connections: all come back at once",
    expected: "all resume on what is left; nobody misses anything; they share the reads of what they missed",
    guarantees: ["G2", "G5"],
    needs: { listeners: 1_000 },
    async inject({ cluster, round, say, afterwards }) {
      const [gateway, ...others] = cluster.gateways;
      const before = await readCosts(others);
      say(`kill -9 ${gateway?.name}`);
      await gateway?.kill();
      // In the first round, for then the whole crowd was on it.
      if (round > 0) return;
      afterwards(async () => {
        const { resumes, reads } = (await readCosts(cluster.gateways)).since(before);
        return `${resumes} resumes cost ${reads} reads of log and store, ${(reads / resumes).toFixed(3)} each`;
      });
    },
  },
];
