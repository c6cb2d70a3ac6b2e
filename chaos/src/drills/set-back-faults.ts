import { join } from "node:path";
import { run } from "@hubbub/testkit";
import { BrokenPromise, type Fault, needed, type Scene } from "./fault.ts";

/** Between the copy and its return: what is lost is everything of this time. */
const lostWindowMs = 2_000;

/** What a power cut at this moment would leave on the disks: every process stands still while its files are copied. */
async function keepCopy(scene: Scene): Promise<number> {
  const { cluster, directory, say } = scene;
  const copiedAt = Date.now();
  await Promise.all([cluster.redis.pause(), cluster.postgres.pause()]);
  await run("cp", ["-a", join(directory, "redis", "appendonlydir"), join(directory, "redis-kept")]);
  await run("cp", ["-a", join(directory, "postgres", "data"), join(directory, "postgres-kept")]);
  await Promise.all([cluster.redis.continue(), cluster.postgres.continue()]);
  say("kept a copy of the files of redis and postgres");
  return copiedAt;
}

async function putBack({ cluster, directory }: Scene): Promise<void> {
  await Promise.all([cluster.redis.kill(), cluster.postgres.kill()]);
  for (const [files, kept] of [
    [join(directory, "redis", "appendonlydir"), join(directory, "redis-kept")],
    [join(directory, "postgres", "data"), join(directory, "postgres-kept")],
  ] as const) {
    await run("rm", ["-rf", files]);
    await run("mv", [kept, files]);
  }
}

async function restartStores(scene: Scene, copiedAt: number): Promise<void> {
  const { cluster, setBack } = scene;
  setBack(copiedAt);
  await Promise.all([cluster.redis.restart(), cluster.postgres.restart()]);
}

/** Nobody tells the cluster: its processes run on, and its clients too. */
async function byHand(scene: Scene): Promise<void> {
  const copiedAt = await keepCopy(scene);
  await scene.sleep(lostWindowMs);
  await putBack(scene);
  await restartStores(scene, copiedAt);
  scene.healed();
  scene.say(`both are back as they were ${lostWindowMs / 1_000} s before; all processes run on`);
}

/** As docs/operations.md says: stop, restore, adopt, start. */
async function withAdopt(scene: Scene): Promise<void> {
  const { cluster, say } = scene;
  const copiedAt = await keepCopy(scene);
  await scene.sleep(lostWindowMs);
  const processes = [...cluster.gateways, ...cluster.apis, ...cluster.writers];
  await Promise.all(processes.map((process) => process.hold("SIGKILL")));
  await putBack(scene);
  await restartStores(scene, copiedAt);
  const told = await cluster.command("adopt", "--keep-sessions", "--keep-log", "--reason", "a drill");
  if (!/^generation \d+: /.test(told)) throw new BrokenPromise(`adopt says ${told}`);
  say(told.trim());
  for (const process of processes) process.release();
  scene.healed();
  say("all processes may start again");
}

async function putEmbeddedBack(scene: Scene): Promise<void> {
  const server = needed(scene.embedded);
  const kept = `${server.directory}-kept`;
  const copiedAt = Date.now();
  await server.kill("SIGTERM");
  await run("cp", ["-a", server.directory, kept]);
  await server.restart();
  scene.say("kept a copy of the data directory");
  await scene.sleep(lostWindowMs);
  await server.kill(scene.round % 2 === 0 ? "SIGKILL" : "SIGTERM");
  await run("rm", ["-rf", server.directory]);
  await run("mv", [kept, server.directory]);
  scene.setBack(copiedAt);
  await server.restart();
  scene.healed();
  scene.say("the copy is in its place");
}

const setsBack = { setsBack: true, guarantees: ["G1", "G2", "G3", "G5", "G6"] } as const;

export const setBackFaults: readonly Fault[] = [
  {
    ...setsBack,
    name: "both-stores-set-back",
    does: `Redis and Postgres come back with their files of ${lostWindowMs / 1_000} s ago; by hand while the processes run, and in every other round with \`adopt\``,
    expected: "events in the copy stay; the new epoch announces the loss of the others; no later event is lost",
    needs: { env: { WRITER_LEASE_MS: "1500" } },
    mayRefuse: ["overloaded"],
    inject: (scene) => (scene.round % 2 === 0 ? byHand(scene) : withAdopt(scene)),
  },
  {
    ...setsBack,
    name: "embedded-put-back",
    does: `a copy of the data directory of \`npm start\` is put back ${lostWindowMs / 1_000} s later`,
    expected: "the same, although its numbers restart where the copy ends",
    needs: { embedded: true },
    inject: putEmbeddedBack,
  },
];
