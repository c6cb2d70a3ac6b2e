import { plainConnections } from "./plain-connections.ts";
import type { ROLES, Settings } from "./settings.ts";

type Role = (typeof ROLES)[number];

interface Contradiction {
  /** Only a process with this role minds; undefined: each. */
  readonly role?: Role;
  readonly holds: (settings: Settings, embedded: boolean) => boolean;
  readonly sentence: (settings: Settings) => string;
}

/** The names and values of two settings, as in an environment. */
const both = (settings: Settings, one: keyof Settings, other: keyof Settings) =>
  `${one}=${settings[one]} and ${other}=${settings[other]}`;

const above = (role: Role, one: keyof Settings, bound: keyof Settings, why: string): Contradiction => ({
  role,
  holds: (settings) => Number(settings[one]) > Number(settings[bound]),
  sentence: (settings) => `${both(settings, one, bound)}: ${why}; set ${one} to ${settings[bound]} at most`,
});

/** Gateways give up new connections, the last thing, when the event loop is this many times later than SHED_DELAY_MS. */
const SHED_LAST = 8;

/** Values that are good alone and cannot work together. */
const CONTRADICTIONS: readonly Contradiction[] = [
  {
    holds: ({ PORT, OPS_PORT }) => OPS_PORT !== undefined && OPS_PORT !== 0 && OPS_PORT === PORT,
    sentence: (settings) =>
      `${both(settings, "OPS_PORT", "PORT")}: operators need a port that users do not have; choose another, or -1 for none`,
  },
  {
    holds: ({ TLS_CERT_FILE, TLS_KEY_FILE }) => (TLS_CERT_FILE === undefined) !== (TLS_KEY_FILE === undefined),
    sentence: () => "TLS_CERT_FILE and TLS_KEY_FILE go together; set both, or leave both out",
  },
  {
    role: "gateway",
    holds: ({ DRAIN_MS, DRAIN_DEADLINE_MS }) => DRAIN_MS >= DRAIN_DEADLINE_MS,
    sentence: (settings) =>
      `${both(settings, "DRAIN_MS", "DRAIN_DEADLINE_MS")}: the process would end before it has handed its connections over; make DRAIN_DEADLINE_MS longer`,
  },
  {
    role: "gateway",
    holds: ({ WATCHDOG_MS, SHED_DELAY_MS }, embedded) =>
      !embedded && WATCHDOG_MS > 0 && WATCHDOG_MS <= SHED_LAST * SHED_DELAY_MS,
    sentence: (settings) =>
      `${both(settings, "WATCHDOG_MS", "SHED_DELAY_MS")}: a busy gateway would end itself before it gives up work, which it does up to ${SHED_LAST} times SHED_DELAY_MS; make WATCHDOG_MS longer`,
  },
  {
    role: "gateway",
    holds: (settings) =>
      settings.PINGS_PER_SECOND_PER_ADDRESS * settings.HEARTBEAT_MS < settings.CONNECTIONS_PER_ADDRESS * 1_000,
    sentence: (settings) =>
      `${both(settings, "PINGS_PER_SECOND_PER_ADDRESS", "CONNECTIONS_PER_ADDRESS")}: so many connections of an address may not ping every HEARTBEAT_MS=${settings.HEARTBEAT_MS}; allow ${Math.ceil((settings.CONNECTIONS_PER_ADDRESS * 1_000) / settings.HEARTBEAT_MS)} pings`,
  },
  {
    role: "gateway",
    holds: ({ HEARTBEAT_MS, IDLE_TIMEOUT_SECONDS }) => HEARTBEAT_MS >= IDLE_TIMEOUT_SECONDS * 1_000,
    sentence: (settings) =>
      `${both(settings, "HEARTBEAT_MS", "IDLE_TIMEOUT_SECONDS")}: a client would ping only after its connection is closed as silent; make HEARTBEAT_MS shorter than the time-out`,
  },
  above("gateway", "PUBLISHES_PER_SECOND", "FRAMES_PER_SECOND", "each publish is a frame"),
  above(
    "gateway",
    "PUBLISHES_PER_SECOND",
    "PUBLISHES_PER_SECOND_PER_USER",
    "clients are told the rate of a connection, and would be refused by that of their user",
  ),
  above(
    "gateway",
    "PUBLISHES_PER_SECOND",
    "PUBLISHES_PER_SECOND_PER_ADDRESS",
    "clients are told the rate of a connection, and would be refused by that of their address",
  ),
  above("gateway", "SUBSCRIPTIONS_PER_CONNECTION", "ROOMS_PER_NODE", "one connection could ask for more than there is"),
  above("gateway", "GATHER_FROM_PERCENT", "GATHER_FULL_PERCENT", "gathering would be at its longest before it begins"),
  above("api", "SESSION_IDLE_HOURS", "SESSION_MAX_HOURS", "a session would end of age before it can be idle"),
  above("api", "GUEST_IDLE_HOURS", "SESSION_MAX_HOURS", "a guest's session would end of age before it can be idle"),
  above(
    "api",
    "PAGE_BYTES_PER_SECOND_PER_USER",
    "PAGE_BYTES_PER_SECOND_PER_ADDRESS",
    "a user alone would be refused by the rate of the address",
  ),
  {
    role: "api",
    holds: ({ OIDC_ISSUER, OIDC_CLIENT_ID, PUBLIC_URL }) =>
      OIDC_ISSUER !== undefined && (OIDC_CLIENT_ID === undefined || PUBLIC_URL === undefined),
    sentence: () =>
      "OIDC_ISSUER without OIDC_CLIENT_ID or PUBLIC_URL: the login provider could not be used; set all three, or leave OIDC_ISSUER out",
  },
  {
    role: "api",
    holds: ({ SMTP_URL, MAIL_FROM, PUBLIC_URL }) =>
      SMTP_URL !== undefined && (MAIL_FROM === undefined || PUBLIC_URL === undefined),
    sentence: () =>
      "SMTP_URL without MAIL_FROM or PUBLIC_URL: mails need a sender and links; set all three, or leave SMTP_URL out",
  },
  {
    role: "api",
    holds: ({ FILES_DIR, FILES_S3_URL }) => FILES_DIR !== undefined && FILES_S3_URL !== undefined,
    sentence: () => "FILES_DIR and FILES_S3_URL: files are kept in one place; leave one of them out",
  },
  {
    role: "api",
    holds: ({ FILES_S3_URL, FILES_S3_ACCESS_KEY_ID, FILES_S3_SECRET_ACCESS_KEY }) =>
      FILES_S3_URL !== undefined && (FILES_S3_ACCESS_KEY_ID === undefined || FILES_S3_SECRET_ACCESS_KEY === undefined),
    sentence: () => "FILES_S3_URL without keys: set FILES_S3_ACCESS_KEY_ID and FILES_S3_SECRET_ACCESS_KEY",
  },
  above("api", "UPLOADS_AT_ONCE_PER_USER", "UPLOADS_AT_ONCE", "one user could ask for more than there is"),
  above("api", "DOWNLOADS_AT_ONCE_PER_USER", "DOWNLOADS_AT_ONCE", "one user could ask for more than there is"),
  {
    holds: (settings, embedded) =>
      !embedded && settings.PLAIN_CONNECTIONS === "refuse" && plainConnections(settings).length > 0,
    sentence: (settings) => `PLAIN_CONNECTIONS=refuse: ${plainConnections(settings).join("; ")}`,
  },
  {
    role: "backup",
    holds: ({ BACKUP_TARGETS }) => BACKUP_TARGETS.length === 0,
    sentence: () => "ROLES=backup without BACKUP_TARGETS: nothing could be kept; name a target, or leave the role out",
  },
  {
    role: "backup",
    holds: ({ AUTH_KEYS_FILE }, embedded) => !embedded && AUTH_KEYS_FILE === undefined,
    sentence: () =>
      "ROLES=backup without AUTH_KEYS_FILE: no backup would have the signing keys; give it the file that every gateway and api has",
  },
  {
    role: "backup",
    holds: ({ BACKUP_DATABASE_URL: url = "" }) => /^[^/]*\/\/[^@/:]*:@/.test(url),
    sentence: () =>
      "BACKUP_DATABASE_URL has an empty password: its role could not log in; set one (in compose.env: REPLICATION_PASSWORD) as docs/operations.md says, or leave out the colon",
  },
  {
    role: "writer",
    holds: ({ BATCH_GATHER_MAX_MS, WRITER_LEASE_MS }, embedded) =>
      !embedded && 2 * BATCH_GATHER_MAX_MS > WRITER_LEASE_MS,
    sentence: (settings) =>
      `${both(settings, "BATCH_GATHER_MAX_MS", "WRITER_LEASE_MS")}: a writer could lose its shard while it gathers; make the lease at least twice as long`,
  },
  {
    holds: ({ TAIL_MAX_BYTES, TAILS_MAX_BYTES }, embedded) => embedded && TAIL_MAX_BYTES > TAILS_MAX_BYTES,
    sentence: (settings) =>
      `${both(settings, "TAIL_MAX_BYTES", "TAILS_MAX_BYTES")}: one room may take more than all rooms together; set TAIL_MAX_BYTES to ${settings.TAILS_MAX_BYTES} at most`,
  },
  {
    holds: ({ DURABLE }, embedded) => embedded && DURABLE === "replica",
    sentence: () =>
      "DURABLE=replica without DATABASE_URL: the database in this process has no standby; leave DURABLE out, or set both URLs",
  },
];

/** One sentence for each two settings that cannot work together in this process, with what to do. */
export function contradictions(settings: Settings, embedded: boolean): string[] {
  return CONTRADICTIONS.filter(
    ({ role, holds }) => (role === undefined || settings.ROLES.includes(role)) && holds(settings, embedded),
  ).map(({ sentence }) => sentence(settings));
}
