import { askRedis } from "@hubbub/testkit";
import { type Fault, needed } from "./fault.ts";

const fullMs = 5_000;
const memoryHeadroomBytes = 262_144;

export const boundFaults: readonly Fault[] = [
  {
    name: "redis-disk-full",
    does: `the disk of Redis' append-only file (a tmpfs) is full for ${fullMs / 1_000} s`,
    expected: "Redis refuses writes, and accept refuses with unavailable; earlier acked events are there",
    guarantees: ["G2", "G8"],
    needs: { redis: "small disk" },
    async inject({ disk: given, say, sleep, healed }) {
      const disk = needed(given);
      await disk.fill();
      say("the disk is full");
      await sleep(fullMs);
      await disk.free();
      healed();
      say("the disk has room again");
    },
  },
  {
    name: "redis-memory-full",
    does: `Redis may use ${memoryHeadroomBytes / 1_024} kB more than it uses now, for ${fullMs / 1_000} s`,
    expected: "noeviction: Redis refuses writes and forgets nothing, and accept refuses with unavailable",
    guarantees: ["G2", "G8"],
    async inject({ cluster: { redis }, say, sleep, healed }) {
      const memory = String(await askRedis(redis.url, "INFO", "memory"));
      const used = Number(/used_memory:(\d+)/.exec(memory)?.[1]);
      const before = String(await askRedis(redis.url, "CONFIG", "GET", "maxmemory")).split(",")[1];
      await askRedis(redis.url, "CONFIG", "SET", "maxmemory", `${used + memoryHeadroomBytes}`);
      say("redis' memory is full");
      await sleep(fullMs);
      await askRedis(redis.url, "CONFIG", "SET", "maxmemory", before ?? "0");
      healed();
      say("redis has memory again");
    },
  },
];
