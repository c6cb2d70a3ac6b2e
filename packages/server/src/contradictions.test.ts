import { readFileSync } from "node:fs";
import { ConfigError } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

const CLUSTER = { REDIS_URL: "redis://r", DATABASE_URL: "postgres://d/x", AUTH_KEYS_FILE: "k" };

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test.each<[string, Record<string, string>, RegExp]>([
  ["one port for users and operators", { PORT: "80", OPS_PORT: "80" }, /^OPS_PORT=80 and PORT=80: .*choose another/],
  [
    "a hand-over as long as the process may take",
    { DRAIN_MS: "20000" },
    /^DRAIN_MS=20000 and DRAIN_DEADLINE_MS=20000:/,
  ],
  [
    "mail without a sender",
    { SMTP_URL: "smtp://localhost" },
    /^SMTP_URL without MAIL_FROM or PUBLIC_URL: .*set all three/,
  ],
  [
    "a backup role without a password",
    { ...CLUSTER, ROLES: "backup", BACKUP_TARGETS: "file:/b", BACKUP_DATABASE_URL: "postgres://hubbub_backup:@d/x" },
    /^BACKUP_DATABASE_URL has an empty password: .*REPLICATION_PASSWORD/,
  ],
  [
    "a watchdog before anything is shed",
    { ...CLUSTER, WATCHDOG_MS: "2000" },
    /^WATCHDOG_MS=2000 and SHED_DELAY_MS=250:/,
  ],
  ["fewer pings than connections send", { PINGS_PER_SECOND_PER_ADDRESS: "799" }, /^PINGS_.*; allow 800 pings$/],
  [
    "pings behind the idle time-out",
    { IDLE_TIMEOUT_SECONDS: "25" },
    /^HEARTBEAT_MS=25000 and IDLE_TIMEOUT_SECONDS=25:/,
  ],
  [
    "a login provider without a public address",
    { OIDC_ISSUER: "https://login.example.com" },
    /^OIDC_ISSUER without .*/,
  ],
  ["more publishes than frames", { FRAMES_PER_SECOND: "20" }, /^PUBLISHES_PER_SECOND=50 and FRAMES_.* to 20 at most$/],
  [
    "more publishes than the user's",
    { PUBLISHES_PER_SECOND_PER_USER: "10" },
    /refused by that of their user; .* 10 at/,
  ],
  ["more publishes than the address's", { PUBLISHES_PER_SECOND_PER_ADDRESS: "10" }, /refused by that of their address/],
  [
    "more subscriptions than rooms",
    { ROOMS_PER_NODE: "100" },
    /^SUBSCRIPTIONS_PER_CONNECTION=1000 and ROOMS_PER_NODE=100/,
  ],
  ["a session that cannot be idle", { SESSION_MAX_HOURS: "700" }, /^SESSION_IDLE_HOURS=720 and SESSION_MAX_HOURS=700:/],
  ["a guest who cannot be idle", { SESSION_IDLE_HOURS: "1", SESSION_MAX_HOURS: "167" }, /^GUEST_IDLE_HOURS=168 and/],
  [
    "pages of a user beyond the address's",
    { PAGE_BYTES_PER_SECOND_PER_ADDRESS: "65536" },
    /^PAGE_BYTES_PER_SECOND_PER_USER/,
  ],
  [
    "gathering that is full before it begins",
    { GATHER_FROM_PERCENT: "90" },
    /^GATHER_FROM_PERCENT=90 and GATHER_FULL_PERCENT=85: .*; set GATHER_FROM_PERCENT to 85 at most$/,
  ],
  [
    "a batch as long as the lease",
    { ...CLUSTER, WRITER_LEASE_MS: "500", BATCH_GATHER_MAX_MS: "251" },
    /twice as long$/,
  ],
  ["a tail above all tails", { TAIL_MAX_BYTES: "67108865" }, /^TAIL_MAX_BYTES=67108865 and TAILS_MAX_BYTES=67108864:/],
  [
    "a backup that would have no keys",
    { REDIS_URL: "redis://r", DATABASE_URL: "postgres://d/x", ROLES: "backup", BACKUP_TARGETS: "file:/b" },
    /^ROLES=backup without AUTH_KEYS_FILE:/,
  ],
  ["a standby of the embedded database", { DURABLE: "replica" }, /^DURABLE=replica without DATABASE_URL:/],
])("%s is refused in one sentence that says what to do", (_what, env, fault) => {
  expect(faultsOf(env)).toEqual([expect.stringMatching(fault)]);
});

test("a process minds the contradictions of its own roles alone", () => {
  const env = { ...CLUSTER, FRAMES_PER_SECOND: "20", SESSION_MAX_HOURS: "1" };
  expect(faultsOf({ ...env, ROLES: "writer" })).toEqual([]);
  expect(faultsOf({ ...env, ROLES: "gateway" })).toHaveLength(1);
  expect(faultsOf({ ...env, ROLES: "api" })).toHaveLength(2);
  expect(faultsOf(env)).toHaveLength(3);
});

test("what the compose file sets contradicts nothing", () => {
  const compose = readFileSync(new URL("../../../docker-compose.yml", import.meta.url), "utf8");
  const relaxed = readFileSync(new URL("../../../infra/docker/compose.relaxed.yml", import.meta.url), "utf8");
  const set = (text: string) =>
    Object.fromEntries(
      Array.from(text.matchAll(/^ +([A-Z_]+): "(\d+)"$/gm), ([, name = "", value = ""]) => [name, value]),
    );
  const [strict, loose] = [set(compose), set(relaxed)];
  expect(Object.keys(strict).length).toBeGreaterThan(20);
  expect(faultsOf({ ...CLUSTER, ...strict })).toEqual([]);
  expect(faultsOf({ ...CLUSTER, ...strict, ...loose })).toEqual([]);
});
