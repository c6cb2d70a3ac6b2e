import { access } from "node:fs/promises";
import { expect, test } from "vitest";
import { type ClusterEvent, startCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { connectWs } from "./ws-client.ts";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

test("a cluster heals a killed gateway behind one front, and leaves nothing behind", async () => {
  const events: ClusterEvent[] = [];
  const cluster = await startCluster({ gateways: 2, writers: 1, onEvent: (event) => events.push(event) });
  const [gateway] = cluster.gateways;
  await gateway?.kill();
  const client = await connectWs(cluster.wsUrl);
  await client.close();
  await eventually(() => expect(gateway?.restarts).toBe(1), { timeoutMs: 20_000 });
  await cluster.ready();
  const told = events.flatMap((event) => (event.type === "progress" ? [] : [`${event.type} ${event.name}`]));
  expect(told).toEqual(["died gateway-1", "restarted gateway-1"]);

  const { gateways, writers, apis, redis, postgres, nginx } = cluster;
  const pids = [...gateways, ...writers, ...apis, redis, postgres, nginx].map(({ pid }) => pid);
  expect(pids.filter(isAlive)).toHaveLength(7);
  await cluster.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(access(cluster.directory)).rejects.toThrow("ENOENT");
});
