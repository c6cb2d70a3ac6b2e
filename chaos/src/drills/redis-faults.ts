import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { askRedis, type SentinelNode, type SentinelService } from "@hubbub/testkit";
import { type Fault, needed, type Scene } from "./fault.ts";

const downMs = 1_000;
/** Over the 3 s after which a connection without an answer is given up. */
const pauseMs = 6_000;
/** Between the copy that is kept and the restore: what is lost is everything of this time. */
const lostWindowMs = 2_000;

async function killAndRestart({ cluster: { redis }, say, sleep, healed }: Scene): Promise<void> {
  say("kill -9 redis");
  await redis.kill();
  await sleep(downMs);
  await redis.restart();
  healed();
  say("redis is back");
}

/** Goes back to the files of a moment ago: the numbers are there, and lower than what clients have seen. */
async function restoreOlder({ cluster: { redis }, directory, say, sleep, healed }: Scene): Promise<void> {
  const files = join(directory, "redis", "appendonlydir");
  const kept = join(directory, "redis-kept");
  await cp(files, kept, { recursive: true });
  say("kept a copy of redis' files");
  await sleep(lostWindowMs);
  await redis.kill();
  await rm(files, { recursive: true });
  await cp(kept, files, { recursive: true });
  await rm(kept, { recursive: true });
  await redis.restart();
  healed();
  say(`redis is back with files ${lostWindowMs / 1_000} s old`);
}

/** Replication stands still for so long before the master dies: the promoted replica lacks all of it. */
async function failOver(scene: Scene, behindMs: number): Promise<void> {
  const { say, sleep, healed } = scene;
  const sentinel = needed(scene.sentinel);
  // Without a replica that follows there would be two faults at once.
  await sentinel.replicated();
  const master = await sentinel.master();
  if (behindMs > 0) {
    master.link.hold("down", { opening: "REPLCONF" });
    say("replication stands still");
    await sleep(behindMs);
    say(`the replica is ${await bytesBehind(sentinel, master)} bytes behind`);
  }
  say("kill -9 of the master");
  await master.service.kill();
  await sentinel.failedOver(master);
  healed();
  say("the sentinels have promoted the replica");
  master.link.heal();
  await master.service.restart();
}

/** It starts without its disk, is used, and is started again with the files that it should have had. */
async function emptyThenBack({ cluster: { redis }, directory, say, sleep, healed }: Scene): Promise<void> {
  const files = join(directory, "redis", "appendonlydir");
  const kept = join(directory, "redis-kept");
  await redis.kill();
  await rename(files, kept);
  await redis.restart();
  say("redis is back without its files");
  await sleep(lostWindowMs);
  await redis.kill();
  await rm(files, { recursive: true });
  await rename(kept, files);
  await redis.restart();
  healed();
  say("redis is back with its files of before");
}

/** @throws when the replica is not behind: the drill would prove nothing */
async function bytesBehind({ nodes }: SentinelService, master: SentinelNode): Promise<number> {
  const offsets = await Promise.all(
    nodes.map(async ({ service }) => {
      const answer = String(await askRedis(service.port, "INFO", "replication"));
      return { service, offset: Number(/\n(?:slave|master)_repl_offset:(\d+)/.exec(answer)?.[1]) };
    }),
  );
  const ahead = offsets.find(({ service }) => service === master.service)?.offset ?? 0;
  const behind = ahead - Math.min(...offsets.map(({ offset }) => offset));
  if (behind === 0) throw new Error("the replica is not behind");
  return behind;
}

const renumbers = { mayRenumber: true, guarantees: ["G1", "G2", "G3", "G5", "G6"] } as const;

export const redisFaults: readonly Fault[] = [
  {
    ...renumbers,
    name: "redis-kill",
    does: "kill -9 of Redis (appendfsync everysec), back after 1 s",
    expected: "numbering restarts above everything known; the gateways offer events missing in the file again",
    inject: killAndRestart,
  },
  {
    ...renumbers,
    name: "redis-kill-always",
    does: "kill -9 of Redis (appendfsync always), back after 1 s",
    expected: "every acked event is in the file; numbering restarts anyway, because no process can prove that",
    needs: { redis: "always" },
    inject: killAndRestart,
  },
  {
    ...renumbers,
    name: "redis-stop",
    does: "SIGTERM to Redis, back after 1 s",
    expected: "it saves everything before it exits",
    async inject({ cluster: { redis }, say, sleep, healed }) {
      say("SIGTERM to redis");
      await redis.kill("SIGTERM");
      await sleep(downMs);
      await redis.restart();
      healed();
      say("redis is back");
    },
  },
  {
    ...renumbers,
    name: "redis-flush",
    does: "FLUSHALL: log, tails, numbers and dedupe are gone",
    expected: "the gateways offer acked and uncommitted events again under the same ids",
    async inject({ cluster: { redis }, say }) {
      await askRedis(redis.url, "FLUSHALL");
      say("FLUSHALL");
    },
  },
  {
    name: "redis-pause",
    does: `SIGSTOP of Redis for ${pauseMs / 1_000} s`,
    expected: "acks wait; numbering continues, because it is the same run of Redis",
    guarantees: ["G1", "G2", "G3"],
    async inject({ cluster: { redis }, say, sleep, healed }) {
      say("SIGSTOP of redis");
      await redis.pause();
      await sleep(pauseMs);
      await redis.continue();
      healed();
      say("SIGCONT of redis");
    },
  },
  {
    ...renumbers,
    name: "redis-restore",
    does: `Redis comes back with its files of ${lostWindowMs / 1_000} s ago: its numbers exist, but are too low`,
    expected: "no number is used again; events missing in the older file are in Postgres or offered again",
    inject: restoreOlder,
  },
  {
    ...renumbers,
    name: "redis-empty-then-back",
    does: `Redis starts without its disk, and ${lostWindowMs / 1_000} s later again with its original files`,
    expected: "events offered again meanwhile are not stored a second time from the old log",
    inject: emptyThenBack,
  },
  {
    ...renumbers,
    name: "redis-failover",
    does: "kill -9 of the master behind three sentinels; its replica is promoted",
    expected: "all processes find the new master; numbering restarts",
    needs: { redis: "sentinel" },
    inject: (scene) => failOver(scene, 0),
  },
  {
    ...renumbers,
    name: "redis-failover-behind",
    does: `the same with a replica that is ${lostWindowMs / 1_000} s behind`,
    expected: "no number is used again; events missing on the replica are in Postgres or offered again",
    needs: { redis: "sentinel" },
    inject: (scene) => failOver(scene, lostWindowMs),
  },
];
