import { join } from "node:path";
import { eventually, run } from "@hubbub/testkit";
import { BrokenPromise, type Fault, type Scene } from "./fault.ts";
import { stepsOf } from "./large-restore.ts";

/** What an event may wait for its commit: so much in front of a time may not be in Postgres yet. */
const COMMIT_MS = 2_000;
/** The role sends the log every five seconds. */
const SHIPPED_MS = 12_000;
/** On a busy machine the start of the process alone takes half a minute. */
const LOOK = { timeoutMs: 180_000 };

/** A base backup of this generation is in the target. */
async function baseIsKept({ cluster }: Scene, generation: number): Promise<void> {
  await eventually(async () => {
    const listed = await cluster.command("backup", "list", "--json");
    const newest = JSON.parse(listed.trim().split("\n").at(-1) || "{}") as { readonly generation?: number };
    if (newest.generation !== generation) throw new Error("no base backup of this generation yet");
  }, LOOK);
}

/** Every process and both stores at one moment, with their disks. */
async function loseEverything({ cluster, directory }: Scene) {
  const processes = [...cluster.backups, ...cluster.gateways, ...cluster.apis, ...cluster.writers];
  const lostAt = Date.now();
  await Promise.all([cluster.redis.kill(), cluster.postgres.kill()]);
  await Promise.all(processes.map((process) => process.hold("SIGKILL")));
  await run("rm", ["-rf", join(directory, "redis", "appendonlydir"), join(directory, "postgres", "data")]);
  await run("rm", ["-rf", join(directory, "files"), join(directory, "backup-data")]);
  await cluster.redis.restart();
  return { processes, lostAt };
}

/** As docs/operations.md says. Answers what the command told. */
async function restoreAll({ cluster, directory, round }: Scene, to: string): Promise<string> {
  const into = join(directory, `restored-${round}`);
  const told = await cluster.command("restore", "--from", "1", "--into", into, "--to", to, "--keep-sessions");
  await run("mv", [join(into, "data"), join(directory, "postgres", "data")]);
  await run("mv", [join(into, "files"), join(directory, "files")]);
  await run("rm", ["-rf", into]);
  return told;
}

/** As operators test their backups while the cluster runs. */
async function tryBeside({ cluster, say, afterwards }: Scene): Promise<void> {
  const told = await cluster.command("drill", "restore").catch((error: unknown) => {
    const { stdout }: { stdout?: unknown } = Object(error);
    throw new BrokenPromise(`hubbub drill restore beside the cluster: ${stdout || error}`);
  });
  const [, behind = "nothing"] = /^ {2}(the live database had .*)$/m.exec(told) ?? [];
  say(`hubbub drill restore is clean; ${behind}`);
  afterwards(async () => `hubbub drill restore: ${behind}`);
}

async function restoreUnderLoad(scene: Scene, chooseTime: () => Promise<Date | null>): Promise<void> {
  const { cluster, say } = scene;
  const wanted = await chooseTime();
  const { processes, lostAt } = await loseEverything(scene);
  say("both stores and all processes are lost, with their disks");
  const begun = Date.now();
  const told = await restoreAll(scene, wanted?.toISOString() ?? "latest");
  const at = Date.parse(/as of (\S+):/.exec(told)?.[1] ?? "");
  const isAdopted = /^generation \d+: /m.test(told);
  if (Number.isNaN(at) || !isAdopted) throw new BrokenPromise(`restore says ${told}`);
  if (wanted !== null && at !== wanted.getTime())
    throw new BrokenPromise(`${wanted.toISOString()} was asked for: ${told}`);
  scene.setBack(at - COMMIT_MS);
  await cluster.postgres.restart();
  for (const process of processes) process.release();
  scene.healed();
  scene.recovered({ lostMs: lostAt - at, steps: stepsOf(told) });
  say(`restored as of ${new Date(at).toISOString()}, ${lostAt - at} ms before the loss, in ${Date.now() - begun} ms`);
  // The next round begins with a base of the new generation.
  await baseIsKept(scene, Number(/^generation (\d+): /m.exec(told)?.[1]));
}

const restores = {
  setsBack: true,
  guarantees: ["G1", "G2", "G3", "G5", "G6"],
  needs: { backups: true, env: { WRITER_LEASE_MS: "1500" } },
  mayRefuse: ["overloaded"],
  prepare: (scene: Scene) => baseIsKept(scene, 0),
} as const;

export const restoreFaults: readonly Fault[] = [
  {
    ...restores,
    name: "restore-latest",
    does: "Redis, Postgres and every process are lost with their disks; the newest backup and its log are restored, adopted and started",
    expected:
      "what was committed up to the newest log that was sent is there; the new epoch announces the loss of the rest",
    async inject(scene) {
      await scene.sleep(SHIPPED_MS);
      await tryBeside(scene);
      await restoreUnderLoad(scene, async () => null);
    },
  },
  {
    ...restores,
    name: "restore-to-time",
    does: "the same, and a time is restored that lies before the newest log",
    expected: "what was committed before that time is there, and nothing later",
    inject: (scene) =>
      restoreUnderLoad(scene, async () => {
        const at = new Date();
        await scene.sleep(SHIPPED_MS);
        return at;
      }),
  },
];
