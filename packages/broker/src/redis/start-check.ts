import { connect as connectTls } from "node:tls";
import type { Redis, RedisOptions } from "ioredis";
import { createKeys } from "../keys.ts";
import { openRedis, openSentinels } from "./redis-url.ts";

/** Redis answers, but will never serve this process as configured. The message says what to do. */
export class LogRefused extends Error {
  override readonly name = "LogRefused";
}

const TIMEOUT_MS = 2_000;
const NO_LOGIN = /^(WRONGPASS|NOAUTH|ERR AUTH|ERR Client sent AUTH|ERR invalid password)/;
/** The user lacks the right to a command, key or channel, or an operator has renamed the command. */
const NO_RIGHT = /^(NOPERM|ERR unknown command)/;
/** By the code of the fault. */
const TLS_FAULTS: readonly { readonly fault: RegExp; readonly advice: string }[] = [
  {
    fault: /ERR_TLS_CERT_ALTNAME_INVALID/,
    advice: "the certificate is for another host name; use the name in it",
  },
  {
    fault: /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/,
    advice: "a client certificate is asked for; name one and its key with ?cert=FILE&key=FILE",
  },
  {
    fault: /CERT|ERR_TLS|ERR_SSL/,
    advice: "name the CA that signed the certificate with ?ca=FILE",
  },
];
/** Faults of a connection that the other side closed while something was written. */
const CUT = /ECONNRESET|EPIPE/;
const ALERT_MS = 1_000;
const KEY_EXPIRES_MS = 1_000;

const OPTIONS = {
  lazyConnect: true,
  enableReadyCheck: false,
  connectTimeout: TIMEOUT_MS,
  commandTimeout: TIMEOUT_MS,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
} satisfies RedisOptions;

/** Every command that the broker and its scripts use, in a harmless form, on keys and a channel with the prefix. */
function commandsOf(prefix: string): readonly (readonly [string, ...(string | number)[]])[] {
  const [text, hash, stream] = ["text", "hash", "stream"].map((kind) => `${prefix}{check}:${kind}`) as [
    string,
    string,
    string,
  ];
  return [
    ["ping"],
    ["info", "server"],
    ["time"],
    ["eval", "return 1", 0],
    ["evalsha", "0000000000000000000000000000000000000000", 0],
    ["set", text, "1", "PX", KEY_EXPIRES_MS],
    ["get", text],
    ["mget", text],
    ["exists", text],
    ["ttl", text],
    ["pttl", text],
    ["pexpire", text, KEY_EXPIRES_MS],
    ["expire", text, 1],
    ["hset", hash, "a", "1"],
    ["hsetnx", hash, "a", "1"],
    ["hincrby", hash, "a", 0],
    ["hget", hash, "a"],
    ["hmget", hash, "a"],
    ["hexists", hash, "a"],
    ["hdel", hash, "a"],
    ["xadd", stream, "1-1", "a", "1"],
    ["xrange", stream, "-", "+", "COUNT", 1],
    ["xrevrange", stream, "+", "-", "COUNT", 1],
    ["xread", "COUNT", 1, "STREAMS", stream, "0"],
    ["xtrim", stream, "MAXLEN", 0],
    ["zadd", `${prefix}{check}:sorted`, 1, "a"],
    ["zrange", `${prefix}{check}:sorted`, 0, 0],
    ["zrem", `${prefix}{check}:sorted`, "a"],
    ["publish", `${prefix}{check}:channel`, ""],
    ["subscribe", `${prefix}{check}:channel`],
    ["unsubscribe", `${prefix}{check}:channel`],
    ["del", text, hash, stream],
    ["multi"],
    ["exec"],
  ];
}

/**
 * Tries once everything that this process needs of Redis. A Redis that is unreachable, loading or demoted is not refused: the
 * broker waits for it.
 *
 * @throws LogRefused for a wrong password, a user without the needed rights, failing TLS, or a Redis that has seen a later
 * generation of the cluster
 */
export async function checkRedis(url: string, prefix: string, generation: number): Promise<void> {
  await assertSentinels(url);
  const redis = openRedis(url, OPTIONS);
  let seen: Error | undefined;
  redis.on("error", (error) => {
    seen ??= error;
  });
  try {
    await redis.connect();
    await assertRights(redis, prefix);
    await assertGeneration(redis, prefix, generation);
  } catch (error) {
    refuseIfPermanent(seen);
    refuseIfPermanent(error);
    if (CUT.test(`${seen?.message}`)) refuseIfPermanent(await alertOf(redis.options));
  } finally {
    redis.disconnect();
  }
}

/**
 * With TLS 1.3 a server judges the client certificate after the client is connected, and its alert is lost to a client that is
 * writing then. This one only listens.
 */
function alertOf({ host, port, tls, sentinels }: RedisOptions): Promise<Error | null> {
  if (tls === undefined || sentinels) return Promise.resolve(null);
  return new Promise((resolve) => {
    const socket = connectTls({ ...tls, host, port, timeout: ALERT_MS });
    socket.once("error", resolve);
    socket.once("close", () => resolve(null));
    socket.once("timeout", () => socket.destroy());
  });
}

/** The driver keeps the reason to itself when a sentinel refuses it. One that answers is enough. */
async function assertSentinels(url: string): Promise<void> {
  const faults = await Promise.all(openSentinels(url, OPTIONS).map(faultOf));
  if (faults.includes(null)) return;
  for (const fault of faults) refuseIfPermanent(fault, "a sentinel");
}

/** null: it answers. */
async function faultOf(redis: Redis): Promise<Error | null> {
  let seen: Error | undefined;
  redis.on("error", (error) => {
    seen ??= error;
  });
  try {
    await redis.connect();
    await redis.ping();
    return null;
  } catch (error) {
    return seen ?? toError(error);
  } finally {
    redis.disconnect();
  }
}

/** A failed login shows in the first answer, a missing right in the answer to its command. */
async function assertRights(redis: Redis, prefix: string): Promise<void> {
  const missing: string[] = [];
  for (const [name, ...args] of commandsOf(prefix)) {
    const error = await redis.call(name, ...args).then(() => null, toError);
    if (error === null) continue;
    refuseIfPermanent(error);
    if (error.name !== "ReplyError") return;
    if (NO_RIGHT.test(error.message)) missing.push(name);
  }
  if (missing.length > 0)
    throw new LogRefused(
      `REDIS_URL: the Redis user may not use ${missing.join(", ")} on keys and channels that begin with ${prefix}; docs/operations.md has the rights it needs`,
    );
}

async function assertGeneration(redis: Redis, prefix: string, generation: number): Promise<void> {
  const newest = Number((await redis.get(createKeys(prefix, 1).newestGeneration)) ?? 0);
  if (newest <= generation) return;
  throw new LogRefused(
    `the database is of generation ${generation} and Redis has met generation ${newest}: the database is older than the log remembers. Stop every process and run \`hubbub adopt\``,
  );
}

function refuseIfPermanent(error: unknown, who: "Redis" | "a sentinel" = "Redis"): void {
  if (error instanceof LogRefused) throw error;
  if (!(error instanceof Error)) return;
  const login = who === "Redis" ? "the user name or the password" : "sentinel-user or sentinel-password";
  if (NO_LOGIN.test(error.message)) throw new LogRefused(`REDIS_URL: ${who} refuses ${login} (${error.message})`);
  const code = "code" in error ? String(error.code) : "";
  const advice = TLS_FAULTS.find(({ fault }) => fault.test(code))?.advice;
  if (advice !== undefined) throw new LogRefused(`REDIS_URL: TLS with ${who} fails: ${advice} (${error.message})`);
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
