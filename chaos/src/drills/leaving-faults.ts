import { join } from "node:path";
import { type Cluster, type ClusterProcess, Person } from "@hubbub/testkit";
import { BrokenPromise, type Fault, type Scene } from "./fault.ts";
import { readCosts } from "./read-costs.ts";

/** What G10 promises. */
export const longestWaitMs = 2_000;

export async function replace(process: ClusterProcess, { say, sleep, cluster }: Scene): Promise<void> {
  const { restarts } = process;
  await process.kill("SIGTERM");
  say(`${process.name} has left`);
  while (process.restarts === restarts) await sleep(50);
  await cluster.ready();
  say(`${process.name} is ready`);
}

/** A token that any api process makes now is taken by every gateway and every other api process. @throws BrokenPromise */
export async function expectOneLogin({ apis, gateways }: Cluster): Promise<void> {
  for (const api of apis) {
    const person = await Person.arrive(api.url);
    for (const other of apis) {
      const headers = { authorization: `Bearer ${person.tokens.accessToken}` };
      const { status } = await fetch(`${other.url}/api/v1/me`, { headers });
      if (status !== 200) throw new BrokenPromise(`${other.name} answers ${status} to a token of ${api.name}`);
    }
    for (const { name, port } of gateways) {
      const ws = await person.connect(`ws://127.0.0.1:${port}/ws`).catch((error: unknown) => {
        throw new BrokenPromise(`${name} refuses a token of ${api.name}: ${String(error)}`);
      });
      await ws.close();
    }
  }
}

export const leavingFaults: readonly Fault[] = [
  {
    name: "rolling-restart",
    does: "every gateway, api process and writer is replaced under load, one after the other",
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
    name: "key-rotation",
    does: "a signing key is added and then promoted; after each step every gateway and api process is replaced",
    expected: "nobody is logged out: every process accepts the tokens of every other at any time",
    guarantees: ["G1", "G2", "G3", "G5", "G10"],
    needs: { apis: 2 },
    maxWaitMs: longestWaitMs,
    async inject(scene) {
      const { cluster, say } = scene;
      const keys = (...step: string[]) => cluster.command("keys", join(cluster.directory, "keys.json"), ...step);
      const replaceAll = async (step: string) => {
        say(step);
        for (const process of [...cluster.gateways, ...cluster.apis]) {
          await replace(process, scene);
          await expectOneLogin(cluster);
        }
      };
      // A second round finds the key of the first, so the key to promote is named.
      const [added = ""] = (await keys("--add")).split(" ", 1);
      await replaceAll("keys --add");
      await keys("--promote", added);
      await replaceAll("keys --promote");
      scene.healed();
    },
  },
  {
    name: "storm",
    does: "kill -9 of a gateway with a thousand listening connections: all come back at once",
    expected: "all resume on the other gateway; no client misses an event; clients share the reads of missed events",
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
