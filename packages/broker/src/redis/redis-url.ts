import { readFileSync } from "node:fs";
import { Redis, type RedisOptions } from "ioredis";

type SentinelOptions = Pick<
  RedisOptions,
  | "name"
  | "sentinels"
  | "username"
  | "password"
  | "sentinelUsername"
  | "sentinelPassword"
  | "sentinelCommandTimeout"
  | "sentinelRetryStrategy"
>;

/** PEM files: of the authority that signed the certificate of Redis, and of the certificate that this client shows. */
type TlsFiles = Readonly<Partial<Record<(typeof TLS_FILES)[number], string>>>;

/** One Redis, or sentinels that know the master. `tls` is undefined for plain connections. */
type Target =
  | { readonly kind: "server"; readonly url: string; readonly tls?: TlsFiles }
  | { readonly kind: "sentinels"; readonly options: SentinelOptions; readonly tls?: TlsFiles };

const TLS_FILES = ["ca", "cert", "key"] as const;
const SENTINELS =
  /^redis(?<tls>s?)\+sentinel:\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^@/,\s]+(?:,[^@/,\s]+)*)\/(?<name>[^/?#\s]+)(?:\?(?<query>[^#\s]*))?$/;
/** What the query of a Sentinel URL may have beside the files of TLS. */
const SENTINEL_LOGIN = { "sentinel-user": "sentinelUsername", "sentinel-password": "sentinelPassword" } as const;
const HOST = /^(?<host>[^:[\]]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>\d{1,5}))?$/;
const SENTINEL_PORT = 26_379;
/** After this time without an answer the next sentinel is tried. */
const SENTINEL_TIMEOUT_MS = 1_000;
/** Pause between two rounds over all sentinels. */
const SENTINEL_ROUND_MS = 500;

/** The valid forms of REDIS_URL, for messages. */
export const REDIS_URL_FORMS =
  "must be redis://host:port, rediss://host:port?ca=FILE or redis+sentinel://host:port,host:port/master-name (rediss+sentinel:// with TLS); ?cert=FILE and key=FILE go together, and only with TLS";

export function isRedisUrl(text: string): boolean {
  return toTarget(text) !== null;
}

/** @throws TypeError on what `isRedisUrl` refuses */
export function parseRedisUrl(text: string): Target {
  const target = toTarget(text);
  if (target === null) throw new TypeError(`a Redis URL ${REDIS_URL_FORMS}`);
  return target;
}

/** A client of the server or sentinels that the URL names. @throws TypeError on what `isRedisUrl` refuses, and what reading a file throws */
export function openRedis(url: string, options: Omit<RedisOptions, "protocol" | "replyMapping">): Redis {
  const target = parseRedisUrl(url);
  const tls = target.tls === undefined ? undefined : readFiles(target.tls);
  const all = { ...options, protocol: 2 as const, ...(tls === undefined ? {} : { tls }) };
  if (target.kind === "server") return new Redis(target.url, all);
  const withTls = tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true };
  return new Redis({ ...target.options, ...withTls, ...all });
}

/** A client of each sentinel that the URL names; none of a single server. Throws as `openRedis` does. */
export function openSentinels(url: string, options: Omit<RedisOptions, "protocol" | "replyMapping">): Redis[] {
  const target = parseRedisUrl(url);
  if (target.kind === "server") return [];
  const { sentinels = [], sentinelUsername: username, sentinelPassword: password } = target.options;
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const tls = target.tls === undefined ? {} : { tls: readFiles(target.tls) };
  return sentinels.map(
    ({ host = "", port = SENTINEL_PORT }) =>
      new Redis({ ...options, ...login, ...tls, host, port, protocol: 2 as const }),
  );
}

/** Certificate and host name are always checked: without `ca`, against the authorities that Node trusts. */
function readFiles(files: TlsFiles): Readonly<Partial<Record<(typeof TLS_FILES)[number], Buffer>>> {
  return Object.fromEntries(Object.entries(files).map(([name, path]) => [name, readFileSync(path)]));
}

function toTarget(text: string): Target | null {
  const sentinels = SENTINELS.exec(text)?.groups;
  return sentinels === undefined ? toServer(text) : toSentinels(sentinels);
}

function toServer(text: string): Target | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (!/^rediss?:$/.test(url.protocol)) return null;
  const tls = tlsFiles(url.searchParams, url.protocol === "rediss:");
  if (tls === null) return null;
  if (tls === undefined || Object.keys(tls).length === 0) return { kind: "server", url: text, ...(tls && { tls }) };
  // ioredis takes what is left of the query for options of its own.
  for (const name of TLS_FILES) url.searchParams.delete(name);
  return { kind: "server", url: url.href, tls };
}

function toSentinels(groups: Readonly<Record<string, string | undefined>>): Target | null {
  const { user = "", password = "", hosts = "", name = "" } = groups;
  const addresses = hosts.split(",").map(toAddress);
  const query = new URLSearchParams(groups["query"] ?? "");
  const tls = tlsFiles(query, groups["tls"] === "s");
  const known: readonly string[] = [...TLS_FILES, ...Object.keys(SENTINEL_LOGIN)];
  if (addresses.includes(null) || tls === null || [...query.keys()].some((key) => !known.includes(key))) return null;
  const logins = Object.entries(SENTINEL_LOGIN).filter(([key]) => query.has(key));
  return {
    kind: "sentinels",
    ...(tls && { tls }),
    options: {
      name: decodeURIComponent(name),
      sentinels: addresses.filter((address) => address !== null),
      ...(user === "" ? {} : { username: decodeURIComponent(user) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...Object.fromEntries(logins.map(([key, option]) => [option, query.get(key)])),
      sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
      sentinelRetryStrategy: () => SENTINEL_ROUND_MS,
    },
  };
}

/** undefined: plain. null: files without TLS, an empty name, or half of a client certificate. */
function tlsFiles(query: URLSearchParams, isTls: boolean): TlsFiles | undefined | null {
  const named = TLS_FILES.filter((name) => query.has(name));
  if (named.some((name) => query.get(name) === "") || query.has("cert") !== query.has("key")) return null;
  if (!isTls) return named.length === 0 ? undefined : null;
  return Object.fromEntries(named.map((name) => [name, query.get(name) ?? ""]));
}

function toAddress(text: string): { host: string; port: number } | null {
  const parts = HOST.exec(text)?.groups;
  const port = Number(parts?.["port"] ?? SENTINEL_PORT);
  if (parts?.["host"] === undefined || port < 1 || port > 65_535) return null;
  return { host: parts["host"].replace(/^\[|\]$/g, ""), port };
}
