import type { RedisFacts } from "@hubbub/broker";
import type { Settings } from "../settings.ts";
import { clockFinding } from "./clock.ts";
import { check, type Finding, notSeen } from "./finding.ts";
import { redisBytes, USUAL } from "./redis-memory.ts";
import { bytes, percent } from "./units.ts";

const FULL_WARNING = 0.75;
const FULL_FAULT = 0.9;
/** Of a replica, as `min-replicas-max-lag` of the profile `ha` has it. */
const LAG_SECONDS = 5;

/** What Redis must be so that nothing that was acked is lost. */
export function redisFindings(facts: RedisFacts, settings: Settings): Finding[] {
  const text = (name: string) => facts.info.get(name) ?? "";
  return [
    clockFinding("redis-clock", facts),
    check(text("role") === "master", "fault", {
      name: "redis-role",
      is: `role ${text("role")}`,
      shouldBe: "the master: a replica refuses writes",
      todo: "point REDIS_URL at the master, or at the sentinels (redis+sentinel://…)",
    }),
    check(text("maxmemory_policy") === "noeviction", "fault", {
      name: "redis-eviction",
      is: `maxmemory-policy ${text("maxmemory_policy")}`,
      shouldBe: "noeviction: any other policy deletes log entries that were acked",
      todo: "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf",
    }),
    check(text("evicted_keys") === "0", "fault", {
      name: "redis-evicted",
      is: `${text("evicted_keys")} keys evicted since the start of Redis`,
      shouldBe: "0",
      todo: "set noeviction, then run `hubbub verify`: log entries may be missing",
    }),
    ...fileFindings(facts),
    ...memoryFindings(facts, settings),
    ...replicaFindings(facts),
  ];
}

function fileFindings({ info, config }: RedisFacts): Finding[] {
  const isOn = info.get("aof_enabled") === "1";
  const failed = ["aof_last_write_status", "aof_last_bgrewrite_status"].filter((name) => info.get(name) !== "ok");
  const fsync = config?.get("appendfsync");
  const fsyncShould = "everysec or always: with `no` a power cut loses up to half a minute";
  return [
    check(isOn, "fault", {
      name: "redis-aof",
      is: isOn ? "the append-only file is on" : "the append-only file is off",
      shouldBe: "appendonly yes: without it a restart of Redis begins empty",
      todo: "CONFIG SET appendonly yes, and the same in redis.conf",
    }),
    check(!isOn || failed.length === 0, "fault", {
      name: "redis-aof-writes",
      is: failed.length === 0 || !isOn ? "no write failed" : `failed: ${failed.join(", ")}`,
      shouldBe: "the last write and the last rewrite of the append-only file succeeded",
      todo: "look at the disk of Redis and at its log; set vm.overcommit_memory=1 on its host",
    }),
    fsync === undefined
      ? notSeen(
          "redis-fsync",
          "the Redis user may not use CONFIG",
          fsyncShould,
          "CONFIG GET appendfsync as administrator",
        )
      : check(fsync === "everysec" || fsync === "always", "fault", {
          name: "redis-fsync",
          is: `appendfsync ${fsync}`,
          shouldBe: fsyncShould,
          todo: "CONFIG SET appendfsync everysec, and the same in redis.conf",
        }),
  ];
}

function memoryFindings({ info }: RedisFacts, settings: Settings): Finding[] {
  const max = Number(info.get("maxmemory"));
  const used = Number(info.get("used_memory"));
  const limit = max > 0 ? max : Number(info.get("total_system_memory"));
  const { sum } = redisBytes(settings, USUAL);
  const share = limit > 0 ? used / limit : 0;
  return [
    check(max >= sum, max === 0 ? "warning" : "fault", {
      name: "redis-maxmemory",
      is: max === 0 ? "maxmemory is not set" : `maxmemory ${bytes(max)}`,
      shouldBe: `${bytes(sum)} or more: the bounds of SHARDS, BACKLOG_MAX_BYTES, REPLAY_MAX_BYTES and TAIL_MAX_BYTES, with ${USUAL.rooms} busy rooms and ${USUAL.messagesPerSecond} messages a second`,
      todo: "raise maxmemory, or lower these bounds; `hubbub plan` computes it for your rooms and rate",
    }),
    check(share < FULL_WARNING, share < FULL_FAULT ? "warning" : "fault", {
      name: "redis-memory",
      is: `${bytes(used)} of ${bytes(limit)} used (${percent(share)})`,
      shouldBe: `under ${percent(FULL_WARNING)}: a full Redis refuses messages`,
      todo: "raise maxmemory; see whether Postgres is behind (hubbub_writer_lag_events)",
    }),
  ];
}

function replicaFindings({ info, config }: RedisFacts): Finding[] {
  const count = Number(info.get("connected_slaves") ?? 0);
  const isSet = info.has("min_slaves_good_slaves");
  // INFO says that min-replicas-to-write is set, and not to what.
  const least = Number(config?.get("min-replicas-to-write") ?? (isSet ? 1 : 0));
  const lags = Array.from({ length: count }, (_, at) => Number(/lag=(\d+)/.exec(info.get(`slave${at}`) ?? "")?.[1]));
  const behind = lags.filter((lag) => !(lag <= LAG_SECONDS)).length;
  const replicas = `${count} replicas, ${behind} of them behind; min-replicas-to-write ${least}${config === null && isSet ? " or more" : ""}`;
  return [
    check(count >= least && behind === 0, "fault", {
      name: "redis-replicas",
      is: replicas,
      shouldBe: `each within ${LAG_SECONDS} s, and not fewer than min-replicas-to-write`,
      todo: "look at the replicas: below min-replicas-to-write Redis refuses all messages",
    }),
    check(least === 0 || count > least, "warning", {
      name: "redis-spare-replica",
      is: replicas,
      shouldBe: "one replica more than min-replicas-to-write, so that one may fail",
      todo: "add a replica",
    }),
  ];
}
