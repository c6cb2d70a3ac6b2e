import { join } from "node:path";
import { run } from "@hubbub/testkit";
import type { Fault, Scene } from "./fault.ts";

const downMs = 1_000;
const pauseMs = 8_000;
const awayMs = 60_000;
/** At the drill's rate 2,000 events are in the log within seconds. */
const tooLongMs = 20_000;

function kept(scene: Scene): { data: string; copy: string } {
  return { data: join(scene.directory, "postgres", "data"), copy: join(scene.directory, "postgres-kept") };
}

async function stopFor({ cluster: { postgres }, say, sleep, healed }: Scene, ms: number): Promise<void> {
  say("postgres is stopped");
  await postgres.kill("SIGINT");
  await sleep(ms);
  await postgres.restart();
  healed();
  say("postgres is back");
}

export const postgresFaults: readonly Fault[] = [
  {
    name: "postgres-kill",
    does: "kill -9 of Postgres, back after 1 s",
    expected: "chat continues; marks come when Postgres is back",
    guarantees: ["G2", "G4"],
    async inject({ cluster: { postgres }, say, sleep, healed }) {
      say("kill -9 postgres");
      await postgres.kill();
      await sleep(downMs);
      await postgres.restart();
      healed();
      say("postgres is back");
    },
  },
  {
    name: "postgres-restart",
    does: "fast shutdown of Postgres, back after 1 s",
    expected: "chat continues; marks come when Postgres is back",
    guarantees: ["G2", "G4"],
    inject: (scene) => stopFor(scene, downMs),
  },
  {
    name: "postgres-pause",
    does: `SIGSTOP of all of Postgres for ${pauseMs / 1_000} s: it is reachable and does not answer`,
    expected: "chat continues; marks come when Postgres answers",
    guarantees: ["G2", "G4"],
    async inject({ cluster: { postgres }, say, sleep, healed }) {
      say("SIGSTOP of postgres");
      await postgres.pause();
      await sleep(pauseMs);
      await postgres.continue();
      healed();
      say("SIGCONT of postgres");
    },
  },
  {
    name: "postgres-away",
    does: `Postgres is down for ${awayMs / 1_000} s`,
    expected: "chat continues from the log; the writers catch up",
    guarantees: ["G2", "G4", "G8"],
    // Changes read the log for messages that are not stored yet, until the writers have caught up: `user_unstored_events`.
    mayRefuse: ["rate_limited"],
    inject: (scene) => stopFor(scene, awayMs),
  },
  {
    name: "postgres-away-beyond-bound",
    does: `Postgres is down for ${tooLongMs / 1_000} s, and the log may hold 500 events a shard`,
    expected:
      "past the bound accept refuses with overloaded; nothing accepted is forgotten, and accept recovers by itself",
    guarantees: ["G2", "G4", "G8"],
    needs: { env: { BACKLOG_MAX_EVENTS: "500" } },
    mayRefuse: ["overloaded"],
    inject: (scene) => stopFor(scene, tooLongMs),
  },
  {
    name: "postgres-set-back",
    does: "Postgres comes back with its data directory from before the load, as after a failover to a lagging replica",
    expected: "the writers read the log again from the older offset: everything in the replay window is stored again",
    guarantees: ["G2", "G4", "G6"],
    async prepare(scene) {
      const { data, copy } = kept(scene);
      await scene.cluster.postgres.kill("SIGINT");
      await run("cp", ["-a", data, copy]);
      await scene.cluster.postgres.restart();
      await scene.cluster.ready();
    },
    async inject(scene) {
      const { data, copy } = kept(scene);
      const { postgres } = scene.cluster;
      await postgres.kill("SIGINT");
      await run("rm", ["-rf", data]);
      await run("cp", ["-a", copy, data]);
      await postgres.restart();
      scene.healed();
      scene.say("postgres is back as it was before the load");
    },
  },
];
