import { stat } from "node:fs/promises";
import { check, type Finding } from "../doctor/finding.ts";
import type { PostgresFacts } from "../doctor/postgres-facts.ts";
import { age } from "../doctor/units.ts";
import { leavesMachine } from "../plain-connections.ts";
import { ACCESS, TRANSMISSION } from "./rules.ts";

const KEY_AGE_MAX_MS = 180 * 86_400_000;
const OTHERS = 0o077;

/** What the role of DATABASE_URL may do, and what Postgres writes into its log. */
export function rightsFindings(facts: PostgresFacts, url: string): Finding[] {
  const role = facts.isSuperuser ? "a superuser" : facts.ownsSchema ? "the owner of the schema" : "a plain role";
  const { settings } = facts;
  const length = settings.get("log_parameter_max_length");
  const isLogging = settings.get("log_min_duration_statement") !== "-1" || settings.get("log_statement") !== "none";
  return [
    check(!facts.isSuperuser && !facts.ownsSchema, "fault", {
      name: "database-rights",
      is: `the role of DATABASE_URL is ${role}`,
      shouldBe: "a role that reads and writes rows: only `hubbub migrate` needs more",
      todo: "use the two roles of infra/postgres/init",
      ids: ["ASVS 13.2.2", ...ACCESS],
    }),
    check(facts.isEncrypted || !leavesMachine(url), "fault", {
      name: "database-encrypted",
      is: facts.isEncrypted ? "the connection is encrypted" : "the connection is plain",
      shouldBe: "encrypted, when Postgres is on another machine",
      todo: "add ?sslmode=verify-full to DATABASE_URL",
      ids: ["ASVS 12.3.1", ...TRANSMISSION],
    }),
    check(!isLogging || (length ?? "0") === "0", "fault", {
      name: "database-log",
      is: `log_parameter_max_length ${length ?? "0"}, statements are ${isLogging ? "" : "not "}logged`,
      shouldBe: "log_parameter_max_length 0: parameters are texts, addresses and hashes of passwords",
      todo: "ALTER SYSTEM SET log_parameter_max_length = 0, then SELECT pg_reload_conf()",
      ids: ["ASVS 16.2.5", "GDPR Art. 5(1)(c)"],
    }),
    check(settings.get("password_encryption") === "scram-sha-256", "fault", {
      name: "database-passwords",
      is: `password_encryption ${settings.get("password_encryption")}`,
      shouldBe: "scram-sha-256",
      todo: "ALTER SYSTEM SET password_encryption = 'scram-sha-256', then set the passwords again",
      ids: ["ASVS 11.4.2", "HIPAA §164.312(d)"],
    }),
  ];
}

/** `changed`: when the file of signing keys last changed, by its time on the disk. */
export async function keyFindings(file: string | undefined, now: number): Promise<Finding[]> {
  if (file === undefined) return [];
  const { mtimeMs } = await stat(file);
  return [
    check(now - mtimeMs <= KEY_AGE_MAX_MS, "warning", {
      name: "key-age",
      is: `AUTH_KEYS_FILE last changed ${age(now - mtimeMs)} ago`,
      shouldBe: `at most ${age(KEY_AGE_MAX_MS)}`,
      todo: "rotate the keys: docs/operations.md, Rotating the signing keys",
      ids: ["ASVS 13.3.4"],
    }),
  ];
}

/** Files with secrets that others on this machine can read. */
export async function fileFindings(files: readonly string[]): Promise<Finding[]> {
  const found = await Promise.all(
    files.map(async (file) => ({ file, mode: (await stat(file).catch(() => null))?.mode ?? 0 })),
  );
  const open = process.platform === "win32" ? [] : found.filter(({ mode }) => (mode & OTHERS) !== 0);
  return [
    check(open.length === 0, "fault", {
      name: "secret-files",
      is:
        open.length === 0
          ? "no file with secrets is open to others"
          : `open to others: ${open.map(({ file }) => file).join(", ")}`,
      shouldBe: "mode 0600",
      todo: "chmod 600; if others may have read it, change the secrets in it",
      ids: ["ASVS 13.3.2", ...ACCESS],
    }),
  ];
}
