import { leavesMachine } from "../plain-connections.ts";
import { ACCESS, type Rule, when } from "./rules.ts";
import { passwordOf } from "./urls.ts";

const DEFAULTS = new Set(
  "hubbub,hubbub_app,postgres,redis,password,passwort,secret,changeme,change-me,admin,root,test,example,minioadmin,12345678,1234567890".split(
    ",",
  ),
);
const SECRET_MIN = 16;
/** Six years: how long HIPAA wants records kept. */
const HIPAA_DAYS = 2_190;
const AUDIT_DAYS_MIN = 90;
const IDLE_HOURS_MAX = 720;
const FREE_FAILURES_MAX = 100;

/** null: it is fine. `url`: one with a password. */
function weakness(url: string | undefined): string | null {
  if (url === undefined) return null;
  const password = passwordOf(url);
  if (password === null) return leavesMachine(url) && !url.includes("sslcert=") ? "no password" : null;
  if (DEFAULTS.has(password.toLowerCase())) return "a password that anybody would try";
  return leavesMachine(url) && password.length < SECRET_MIN
    ? `a password of fewer than ${SECRET_MIN} characters`
    : null;
}

/** Secrets, people and what is kept of them. */
export const dataRules: readonly Rule[] = [
  {
    name: "default-secrets",
    level: "fault",
    ids: ["ASVS 13.2.1", "ASVS 13.2.3", ...ACCESS],
    shouldBe: `passwords of ${SECRET_MIN} random characters or more`,
    todo: "change it where it is kept, then in the environment: openssl rand -base64 24",
    breach({ settings: { REDIS_URL, DATABASE_URL, ADMIN_TOKEN } }) {
      const weak = [
        ...Object.entries({ REDIS_URL, DATABASE_URL }).map(([name, url]) => [name, weakness(url)] as const),
        ["ADMIN_TOKEN", ADMIN_TOKEN !== undefined && new Set(ADMIN_TOKEN).size < 8 ? "few different characters" : null],
      ] as const;
      const found = weak.filter(([, why]) => why !== null).map(([name, why]) => `${name}: ${why}`);
      return when(found.length > 0, found.join("; "));
    },
  },
  {
    name: "guests",
    level: "warning",
    ids: ["GDPR Art. 25(2)", "HIPAA §164.312(a)(2)(i)"],
    shouldBe: "false, where everybody has to be known",
    todo: "set ALLOW_GUESTS=false",
    breach: ({ settings: { ALLOW_GUESTS } }) => when(ALLOW_GUESTS, "ALLOW_GUESTS=true: anybody may come in by a click"),
  },
  {
    name: "audit-retention",
    level: "warning",
    ids: ["ASVS 16.4.2", "GDPR Art. 5(2)", "HIPAA §164.316(b)(2)(i)"],
    shouldBe: `a value that you chose: ${AUDIT_DAYS_MIN} days or more, ${HIPAA_DAYS} where HIPAA applies`,
    todo: "set AUDIT_DAYS",
    breach({ settings: { AUDIT_DAYS }, env }) {
      const isChosen = (env["AUDIT_DAYS"] ?? "") !== "";
      return when(
        !isChosen || AUDIT_DAYS < AUDIT_DAYS_MIN,
        `AUDIT_DAYS=${AUDIT_DAYS}${isChosen ? "" : ", by default"}`,
      );
    },
  },
  {
    name: "message-retention",
    level: "warning",
    ids: ["ASVS 14.2.7", "GDPR Art. 5(1)(e)"],
    shouldBe: "a rule of yours for how long messages are kept",
    todo: "write down why messages are kept without end, or delete old rooms: this build deletes no message by its age",
    breach: () => "messages are kept without end",
  },
  {
    name: "backups-sealed",
    level: "fault",
    ids: ["ASVS 11.1.1", "GDPR Art. 32(1)(a)", "HIPAA §164.312(a)(2)(iv)"],
    shouldBe: "a public key in BACKUP_RECIPIENTS: who reads a plain backup reads all messages and signs tokens",
    todo: "run `hubbub backup-key FILE`, keep the file away from the cluster, and set BACKUP_RECIPIENTS",
    breach: ({ settings: { BACKUP_TARGETS, BACKUP_RECIPIENTS } }) =>
      when(BACKUP_TARGETS.length > 0 && BACKUP_RECIPIENTS.length === 0, "backups are plain"),
  },
  {
    name: "backups",
    level: "fault",
    ids: ["GDPR Art. 32(1)(c)", "HIPAA §164.308(a)(7)(ii)(A)"],
    shouldBe: "a target, so that data can be restored",
    todo: "set BACKUP_TARGETS",
    breach: ({ settings: { BACKUP_TARGETS } }) => when(BACKUP_TARGETS.length === 0, "BACKUP_TARGETS is unset"),
  },
  {
    name: "second-factor",
    level: "warning",
    ids: ["ASVS 6.3.3", "HIPAA §164.312(d)"],
    shouldBe: "authenticator apps, passkeys or a login provider",
    todo: "set SECRET_KEYS and PUBLIC_URL, or OIDC_ISSUER",
    breach: ({ settings: { SECRET_KEYS, PUBLIC_URL, OIDC_ISSUER, DATABASE_URL } }) =>
      when(
        DATABASE_URL !== undefined && SECRET_KEYS.length === 0 && PUBLIC_URL === undefined && OIDC_ISSUER === undefined,
        "a password is all there is",
      ),
  },
  {
    name: "session-idle",
    level: "warning",
    ids: ["ASVS 7.3.1", "HIPAA §164.312(a)(2)(iii)"],
    shouldBe: `${IDLE_HOURS_MAX} hours or less`,
    todo: "set SESSION_IDLE_HOURS",
    breach: ({ settings: { SESSION_IDLE_HOURS } }) =>
      when(SESSION_IDLE_HOURS > IDLE_HOURS_MAX, `SESSION_IDLE_HOURS=${SESSION_IDLE_HOURS}`),
  },
  {
    name: "password-guessing",
    level: "warning",
    ids: ["ASVS 6.3.1"],
    shouldBe: `${FREE_FAILURES_MAX} or less`,
    todo: "set LOGIN_FAILURES_FREE_PER_ACCOUNT",
    breach: ({ settings: { LOGIN_FAILURES_FREE_PER_ACCOUNT: free } }) =>
      when(free > FREE_FAILURES_MAX, `LOGIN_FAILURES_FREE_PER_ACCOUNT=${free} guesses before the first delay`),
  },
  {
    name: "debug-logs",
    level: "warning",
    ids: ["ASVS 13.4.2", "ASVS 16.2.5"],
    shouldBe: "info or less in production",
    todo: "set LOG_LEVEL=info",
    breach: ({ settings: { LOG_LEVEL } }) =>
      when(LOG_LEVEL === "debug" || LOG_LEVEL === "trace", `LOG_LEVEL=${LOG_LEVEL}`),
  },
];
