import { readFileSync } from "node:fs";
import { ConfigError } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { readSettings, SETTING_NAMES } from "./settings.ts";

const example = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8");
const documented = Object.fromEntries(
  example
    .split("\n")
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test(".env.example names every setting and no other", () => {
  expect(Object.keys(documented).sort()).toEqual([...SETTING_NAMES].sort());
});

test(".env.example shows the defaults", () => {
  expect(readSettings(documented)).toEqual(readSettings({}));
});

test("without any setting it is embedded, with both URLs a cluster", () => {
  expect(readSettings({}).embedded).toBe(true);
  const urls = { REDIS_URL: "redis://r", DATABASE_URL: "postgres://d/x", AUTH_KEYS_FILE: "keys.json" };
  expect(readSettings(urls).embedded).toBe(false);
});

test.each([
  [
    "a password in the address of a collector",
    { OTLP_URL: "https://u:p@collector" },
    /^OTLP_URL.*must have no password/,
  ],
  ["one URL without the other", { REDIS_URL: "redis://r", AUTH_KEYS_FILE: "k" }, /^DATABASE_URL is missing/],
  ["a gateway without keys", { REDIS_URL: "redis://r", DATABASE_URL: "postgres://d/x" }, /^AUTH_KEYS_FILE is missing/],
  ["the memory broker asked to join others", { ROLES: "gateway" }, /^ROLES=gateway: one role alone/],
  ["a host with scheme and port", { HOST: "http://0.0.0.0:8080" }, /^HOST=.*without scheme and port/],
  ["a range that matches nothing", { TRUSTED_PROXIES: "10.0.0.0/40" }, /^TRUSTED_PROXIES=.*is no IP address/],
  ["an origin that no browser sends", { ALLOWED_ORIGINS: "chat.example.com" }, /^ALLOWED_ORIGINS=.*is no origin/],
  ["a token that no header carries", { ADMIN_TOKEN: "sixteen letters and spaces" }, /^ADMIN_TOKEN=….*without spaces/],
  [
    "a role that is none",
    { ROLES: "gateway,cook" },
    /^ROLES=.*must be some of gateway, api, flows, jobs, writer, backup/,
  ],
  [
    "the role of backups alone",
    { ROLES: "gateway,api,writer,backup", BACKUP_TARGETS: "file:/b" },
    /embedded server takes backups by itself/,
  ],
])("%s is refused with what to do", (_what, env: Record<string, string>, fault) => {
  expect(faultsOf(env)).toEqual([expect.stringMatching(fault)]);
});

test("all faults are told at once", () => {
  expect(faultsOf({ PORT: "abc", SHARDS: "0", REDIS_URL: "http://r" })).toHaveLength(3);
});

test("brackets around an IPv6 HOST and a role said twice make no difference", () => {
  const { HOST, ROLES } = readSettings({ HOST: "[::1]", ROLES: "api,gateway,writer,api" }).settings;
  expect([HOST, ROLES]).toEqual(["::1", ["api", "gateway", "writer"]]);
});
