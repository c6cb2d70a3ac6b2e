import { Redis, type RedisOptions } from "ioredis";

type SentinelOptions = Pick<
  RedisOptions,
  "name" | "sentinels" | "username" | "password" | "sentinelCommandTimeout" | "sentinelRetryStrategy"
>;

/** One Redis, with or without TLS, or sentinels that know the master. */
type Target =
  | { readonly kind: "server"; readonly url: string }
  | { readonly kind: "sentinels"; readonly options: SentinelOptions };

const SENTINELS =
  /^redis\+sentinel:\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^@/,\s]+(?:,[^@/,\s]+)*)\/(?<name>[^/?#\s]+)$/;
const HOST = /^(?<host>[^:[\]]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>\d{1,5}))?$/;
const SENTINEL_PORT = 26_379;
/** After this time without an answer the next sentinel is tried. */
const SENTINEL_TIMEOUT_MS = 1_000;
/** Pause between two rounds over all sentinels. */
const SENTINEL_ROUND_MS = 500;

/** The valid forms of REDIS_URL, for messages. */
export const REDIS_URL_FORMS =
  "must be redis://host:port, rediss://host:port or redis+sentinel://host:port,host:port/master-name";

export function isRedisUrl(text: string): boolean {
  return toTarget(text) !== null;
}

/** @throws TypeError on what `isRedisUrl` refuses */
export function parseRedisUrl(text: string): Target {
  const target = toTarget(text);
  if (target === null) throw new TypeError(`a Redis URL ${REDIS_URL_FORMS}`);
  return target;
}

/** A client of the server or sentinels that the URL names. @throws TypeError on what `isRedisUrl` refuses */
export function openRedis(url: string, options: Omit<RedisOptions, "protocol" | "replyMapping">): Redis {
  const target = parseRedisUrl(url);
  const all = { ...options, protocol: 2 as const };
  return target.kind === "server" ? new Redis(target.url, all) : new Redis({ ...target.options, ...all });
}

function toTarget(text: string): Target | null {
  const sentinels = SENTINELS.exec(text)?.groups;
  if (sentinels === undefined) {
    const isServer = URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol);
    return isServer ? { kind: "server", url: text } : null;
  }
  const { user = "", password = "", hosts = "", name = "" } = sentinels;
  const addresses = hosts.split(",").map(toAddress);
  if (addresses.includes(null)) return null;
  return {
    kind: "sentinels",
    options: {
      name: decodeURIComponent(name),
      sentinels: addresses.filter((address) => address !== null),
      ...(user === "" ? {} : { username: decodeURIComponent(user) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
      sentinelRetryStrategy: () => SENTINEL_ROUND_MS,
    },
  };
}

function toAddress(text: string): { host: string; port: number } | null {
  const parts = HOST.exec(text)?.groups;
  const port = Number(parts?.["port"] ?? SENTINEL_PORT);
  if (parts?.["host"] === undefined || port < 1 || port > 65_535) return null;
  return { host: parts["host"].replace(/^\[|\]$/g, ""), port };
}
