import { isIP } from "node:net";
import { hostname } from "node:os";
import { apiSettings } from "@hubbub/api";
import { isRedisUrl, REDIS_URL_FORMS } from "@hubbub/broker";
import { gatewaySettings } from "@hubbub/gateway";
import { ZONE_NAME, ZONE_NAME_FORM } from "@hubbub/protocol";
import { addresses, ConfigError, integer, LOG_LEVELS, list, parseEnv, url } from "@hubbub/runtime";
import { isPostgresUrl, POSTGRES_URL_FORMS } from "@hubbub/store";
import { writerSettings } from "@hubbub/writer";
import { z } from "zod";
import { backupSettings } from "./backup/settings.ts";
import { contradictions } from "./contradictions.ts";

export const ROLES = ["gateway", "api", "flows", "jobs", "writer", "backup"] as const;
/** What a process does by default, and an embedded server always. It takes backups as well when they have a target. */
const SERVING = ["gateway", "api", "flows", "jobs", "writer"] as const satisfies readonly (typeof ROLES)[number][];
/** What an embedded server cannot be without. */
const EMBEDDED = ["gateway", "api", "writer"] as const satisfies readonly (typeof ROLES)[number][];

const HOST_NAME = /^[A-Za-z0-9_.-]{1,253}$/;
const MEBI = 1_048_576;

/** What every process reads; the roles add their own. `.env.example` describes each: a test compares the two. */
const processSettings = {
  ROLES: list(SERVING)
    .pipe(z.array(z.enum(ROLES, { error: `must be some of ${ROLES.join(", ")}` })).min(1))
    .transform((roles) => [...new Set(roles)]),
  HOST: z
    .string()
    .transform((text) => text.replace(/^\[(.*)\]$/, "$1"))
    .refine(
      (text) => isIP(text) !== 0 || HOST_NAME.test(text),
      "must be an address or a host name, without scheme and port",
    )
    .default("127.0.0.1"),
  PORT: integer(0, 65_535, 8080),
  /** undefined: operators' paths are on PORT, for callers on this machine. */
  OPS_PORT: integer(-1, 65_535, -1).transform((port) => (port === -1 ? undefined : port)),
  /** Of PORT. undefined: without TLS, which a proxy in front ends. */
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  NODE_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, "must be 1 to 64 of letters, digits, _ . -")
    .default(
      () =>
        `${hostname()
          .replace(/[^A-Za-z0-9_.-]/g, "-")
          .slice(0, 48)}-${process.pid}`,
    ),
  /** What fails together, such as a data centre: operators drain it as one. undefined: in none. */
  ZONE: z.string().regex(ZONE_NAME, ZONE_NAME_FORM).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).optional(),
  /** 0: none. */
  TRACE_EVERY: integer(0, 1_000_000, 1_000),
  /** Of a collector; undefined: steps stay in the process. */
  OTLP_URL: url("https", "http")
    .refine((text) => !/[@?#]/.test(text), "must have no password, query or fragment: it is written to the log")
    .optional(),
  DATA_DIR: z.string().default("./data"),
  REDIS_URL: z.string().refine(isRedisUrl, REDIS_URL_FORMS).optional(),
  PLAIN_CONNECTIONS: z.enum(["warn", "allow", "refuse"], { error: "must be warn, allow or refuse" }).default("warn"),
  REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,32}$/, "must be 1 to 32 of letters, digits, _ . -")
    .default("hubbub"),
  DATABASE_URL: z.string().refine(isPostgresUrl, POSTGRES_URL_FORMS).optional(),
  DATABASE_POOL_MAX: integer(1, 200, 10),
  DATABASE_STATEMENT_TIMEOUT_MS: integer(100, 600_000, 30_000),
  DURABLE: z.enum(["local", "replica"], { error: "must be local or replica" }).default("local"),
  SHARDS: integer(1, 1_024, 4),
  BACKLOG_MAX_EVENTS: integer(100, 100 * MEBI, 200_000),
  BACKLOG_MAX_BYTES: integer(MEBI, 16_384 * MEBI, 128 * MEBI),
  REPLAY_WINDOW_MS: integer(0, 86_400_000, 600_000),
  REPLAY_MAX_EVENTS: integer(0, 100 * MEBI, 100_000),
  REPLAY_MAX_BYTES: integer(0, 16_384 * MEBI, 64 * MEBI),
  TAIL_EVENTS: integer(10, 1_000_000, 300),
  TAIL_MAX_BYTES: integer(65_536, 1_024 * MEBI, 262_144),
  TAILS_MAX_BYTES: integer(MEBI, 16_384 * MEBI, 64 * MEBI),
  AUTH_KEYS_FILE: z.string().optional(),
  /** undefined: embedded, a folder of DATA_DIR; in a cluster no files, unless there is a bucket. */
  FILES_DIR: z.string().optional(),
  /** `https://host/bucket`. */
  FILES_S3_URL: url("https", "http")
    .refine((text) => /^\/[^/]+$/.test(new URL(text).pathname), "must have the name of the bucket as its path")
    .optional(),
  FILES_S3_REGION: z.string().default("us-east-1"),
  FILES_S3_ACCESS_KEY_ID: z.string().optional(),
  FILES_S3_SECRET_ACCESS_KEY: z.string().optional(),
  TRUSTED_PROXIES: addresses(),
  /** A busy process gathers accepted events for up to this before it gives them to Redis; 0: never. */
  GATHER_MAX_MS: integer(0, 1_000, 15),
  DRAIN_DEADLINE_MS: integer(100, 600_000, 20_000),
  WATCHDOG_MS: integer(0, 600_000, 30_000),
};

const shape = { ...processSettings, ...backupSettings, ...gatewaySettings, ...apiSettings, ...writerSettings };
type Environment = Readonly<Record<string, string | undefined>>;
export type Settings = z.output<z.ZodObject<typeof shape>>;

/** Names of all settings, for the test against `.env.example`. */
export const SETTING_NAMES = Object.keys(shape);

/** The settings as they stand, for commands that serve nothing. @throws ConfigError naming every fault */
export function parseSettings(env: Environment): Settings {
  return parseEnv(shape, env);
}

/**
 * The settings of this process, and whether it is embedded: all roles in one process, no Redis, no Postgres.
 * @throws ConfigError naming every fault
 */
export function readSettings(env: Environment): {
  settings: Settings;
  embedded: boolean;
} {
  const settings = parseEnv(shape, env);
  const embedded = settings.REDIS_URL === undefined && settings.DATABASE_URL === undefined;
  const faults = [
    ...(embedded ? embeddedFaults(settings) : clusterFaults(settings)),
    ...contradictions(settings, embedded),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return { settings, embedded };
}

function embeddedFaults(settings: Settings): string[] {
  if (settings.ROLES.includes("backup")) {
    return [
      "ROLES=backup is a role of a cluster: an embedded server takes backups by itself when BACKUP_TARGETS is set",
    ];
  }
  if (EMBEDDED.every((role) => settings.ROLES.includes(role))) return [];
  return [
    `ROLES=${settings.ROLES.join(",")}: one role alone needs the others in reach; set REDIS_URL and DATABASE_URL, or leave ROLES out`,
  ];
}

function clusterFaults(settings: Settings): string[] {
  const faults: string[] = [];
  if (settings.REDIS_URL === undefined)
    faults.push("REDIS_URL is missing: DATABASE_URL is set, and a cluster needs both");
  if (settings.DATABASE_URL === undefined)
    faults.push("DATABASE_URL is missing: REDIS_URL is set, and a cluster needs both");
  const needsKeys = settings.ROLES.includes("gateway") || settings.ROLES.includes("api");
  if (needsKeys && settings.AUTH_KEYS_FILE === undefined) {
    faults.push(
      "AUTH_KEYS_FILE is missing: make one with `node packages/server/dist/main.js keys FILE` and give it to every gateway and api",
    );
  }
  return faults;
}
