import { chmod, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../settings.ts";
import { auditConfig } from "./audit-command.ts";
import { dataRules } from "./data-rules.ts";
import { fileFindings, keyFindings, rightsFindings } from "./found-checks.ts";
import { transportRules } from "./transport-rules.ts";

type Env = Record<string, string>;
const rules = [...transportRules, ...dataRules];

function breachOf(name: string, env: Env): string | null {
  const rule = rules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule.breach({ settings: parseSettings(env), env });
}

const LONG = "k3Jq9-ZxT2mWv8Lr5Bn0";
const CASES: readonly (readonly [rule: string, wrong: Env, right: Env])[] = [
  ["redis-tls", { REDIS_URL: "redis://r.example" }, { REDIS_URL: "rediss://r.example" }],
  ["redis-tls", { REDIS_URL: "redis+sentinel://a:1,b.example:2/m" }, { REDIS_URL: "redis://127.0.0.1" }],
  ["redis-tls", { REDIS_URL: "redis+sentinel://a/m" }, { REDIS_URL: "rediss+sentinel://a:1,b.example:2/m?ca=x" }],
  [
    "postgres-tls",
    { DATABASE_URL: "postgres://d.example/x" },
    { DATABASE_URL: "postgres://d.example/x?sslmode=verify-full" },
  ],
  ["postgres-tls", { DATABASE_URL: "postgres://d/x?sslmode=no-verify" }, { DATABASE_URL: "postgres://localhost/x" }],
  ["redis-tls", { REDIS_URL: "redis+sentinel://b.example:2/m" }, { REDIS_URL: "rediss+sentinel://b.example:2/m" }],
  [
    "postgres-tls",
    { DATABASE_URL: "postgres://d/x?ssl=true&sslmode=disable" },
    { DATABASE_URL: "postgres://d/x?ssl=true" },
  ],
  [
    "postgres-tls",
    { DATABASE_URL: "postgres://d/x?sslmode=require&uselibpqcompat=true" },
    { DATABASE_URL: "postgres://d/x?sslmode=verify-full&uselibpqcompat=true" },
  ],
  [
    "postgres-tls",
    { DATABASE_URL: "postgres://u:p@localhost:1,d.example:2/x" },
    { DATABASE_URL: "postgres://u:p@localhost:1,127.0.0.1:2,[::1]:3/x" },
  ],
  ["postgres-tls", { DATABASE_URL: "postgres://localhost,d/x" }, { DATABASE_URL: "postgres://localhost:1,[::1]:2/x" }],
  ["certificates-checked", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }, {}],
  ["public-tls", { PUBLIC_URL: "http://chat.example" }, { PUBLIC_URL: "https://chat.example" }],
  [
    "other-services-tls",
    { SMTP_URL: "smtp://m.example", MAIL_FROM: "a@b.example" },
    { SMTP_URL: "smtps://m.example", MAIL_FROM: "a@b.example" },
  ],
  [
    "other-services-tls",
    { BACKUP_TARGETS: "s3:http://k:s@s.example/b" },
    { BACKUP_TARGETS: "s3:https://k:s@s.example/b" },
  ],
  ["origins", { HOST: "0.0.0.0" }, { HOST: "0.0.0.0", ALLOWED_ORIGINS: "https://chat.example" }],
  ["trusted-proxies", { TRUSTED_PROXIES: "10.0.0.1,0.0.0.0/0" }, { TRUSTED_PROXIES: "10.0.0.0/8" }],
  [
    "default-secrets",
    { DATABASE_URL: "postgres://u:hubbub@localhost/x" },
    { DATABASE_URL: "postgres://u@localhost/x" },
  ],
  ["default-secrets", { REDIS_URL: "redis://r.example" }, { REDIS_URL: `redis://:${LONG}@r.example` }],
  ["default-secrets", { REDIS_URL: "redis://:short1@r.example" }, { REDIS_URL: `redis://:${LONG}@r.example` }],
  ["default-secrets", { ADMIN_TOKEN: "aaaaaaaaaaaaaaaa" }, { ADMIN_TOKEN: LONG }],
  ["guests", {}, { ALLOW_GUESTS: "false" }],
  ["audit-retention", {}, { AUDIT_DAYS: "365" }],
  ["audit-retention", { AUDIT_DAYS: "30" }, { AUDIT_DAYS: "2190" }],
  [
    "backups-sealed",
    { BACKUP_TARGETS: "file:/b" },
    { BACKUP_TARGETS: "file:/b", BACKUP_RECIPIENTS: `age1${"q".repeat(58)}` },
  ],
  ["backups", {}, { BACKUP_TARGETS: "file:/b" }],
  [
    "second-factor",
    { DATABASE_URL: "postgres://localhost/x" },
    { DATABASE_URL: "postgres://localhost/x", PUBLIC_URL: "https://c.example" },
  ],
  ["session-idle", { SESSION_IDLE_HOURS: "721", SESSION_MAX_HOURS: "8760" }, {}],
  ["password-guessing", { LOGIN_FAILURES_FREE_PER_ACCOUNT: "101" }, {}],
  ["debug-logs", { LOG_LEVEL: "debug" }, { LOG_LEVEL: "info" }],
];

test.each(CASES)("audit-config: %s is red with %o and green with %o", (rule, wrong, right) => {
  expect(breachOf(rule, wrong)).not.toBeNull();
  expect(breachOf(rule, right)).toBeNull();
});

test("every rule has a case, or a reason that no setting ends", () => {
  const tried = new Set(CASES.map(([rule]) => rule));
  expect(rules.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual(["message-retention"]);
});

test("every rule names what it is about, and no value of a secret is told", async () => {
  for (const { ids } of rules)
    for (const id of ids)
      expect(id).toMatch(/^(ASVS \d+\.\d+\.\d+|GDPR Art\. \d+(\(\d\))?(\([a-z]\))?|HIPAA §164\.\S+)$/);
  const env = { REDIS_URL: "redis://:hunter22@r.example", ADMIN_TOKEN: "zzzzzzzzzzzzzzzz" };
  const findings = await auditConfig({ settings: parseSettings(env), env });
  expect(JSON.stringify(findings)).not.toMatch(/hunter22|zzzz/);
  expect(findings.every(({ ids }) => (ids?.length ?? 0) > 0)).toBe(true);
});

const FACTS = {
  ...{
    isStandby: false,
    connections: 1,
    checksumFailures: 0,
    transactionAge: 1,
    isSuperuser: false,
    ownsSchema: false,
  },
  ...{ isEncrypted: true, hasSchema: true, slots: [], standbys: [], nodes: [] },
  ...{ clockMs: 0, askedAtMs: 0, roundTripMs: 0 },
  settings: new Map([
    ["log_parameter_max_length", "0"],
    ["log_parameter_max_length_on_error", "0"],
    ["log_error_verbosity", "terse"],
    ["log_min_duration_statement", "500"],
    ["log_statement", "none"],
    ["password_encryption", "scram-sha-256"],
  ]),
};

test.each<[string, object]>([
  ["database-rights", { isSuperuser: true }],
  ["database-rights", { ownsSchema: true }],
  ["database-encrypted", { isEncrypted: false }],
  ["database-log", { settings: new Map([...FACTS.settings, ["log_parameter_max_length", "-1"]]) }],
  ["database-log", { settings: new Map([...FACTS.settings, ["log_parameter_max_length_on_error", "-1"]]) }],
  ["database-log", { settings: new Map([...FACTS.settings, ["log_error_verbosity", "default"]]) }],
  ["database-passwords", { settings: new Map([...FACTS.settings, ["password_encryption", "md5"]]) }],
])("audit-config: %s is red with %o", (name, changed) => {
  const look = (facts: object) =>
    rightsFindings({ ...FACTS, ...facts }, "postgres://d.example/x").find((one) => one.name === name)?.level;
  expect([look({}), look(changed)]).toEqual(["ok", "fault"]);
});

test("audit-config: old keys, and secrets that others can read", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-audit-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "keys.json");
  await writeFile(file, "[]", { mode: 0o600 });
  const level = async () => (await keyFindings(file, Date.now()))[0]?.level;
  expect(await level()).toBe("ok");
  await utimes(file, 1_700_000_000, 1_700_000_000);
  expect(await level()).toBe("warning");
  const open = async (env: Env) => {
    const findings = await auditConfig({ settings: parseSettings(env), env });
    return findings.find(({ name }) => name === "secret-files")?.is;
  };
  const named = [
    { AUTH_KEYS_FILE: file },
    { TLS_KEY_FILE: file },
    { REDIS_URL: `rediss://127.0.0.1?cert=/c.pem&key=${file}` },
  ];
  for (const [mode, is] of [
    [0o440, "no file with secrets is open to others"],
    [0o644, `open to others: ${file}`],
  ] as const) {
    await chmod(file, mode);
    for (const env of named) expect(await open(env), JSON.stringify(env)).toBe(is);
  }
  const fileLevel = async (mayShare: boolean) => (await fileFindings([{ path: file, mayShare }]))[0]?.level;
  await chmod(file, 0o640);
  expect([await fileLevel(true), await fileLevel(false)]).toEqual(["ok", "fault"]);
});
