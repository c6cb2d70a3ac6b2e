import type { ClusterProcess } from "../supervised.ts";
import type { Fault, Scene } from "./fault.ts";

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
    expected: "all resume on what is left; nobody misses anything",
    guarantees: ["G2", "G5"],
    needs: { listeners: 1_000 },
    async inject({ cluster, say }) {
      const [gateway] = cluster.gateways;
      say(`kill -9 ${gateway?.name}`);
      await gateway?.kill();
    },
  },
];
