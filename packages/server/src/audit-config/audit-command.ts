import { existsSync } from "node:fs";
import { join } from "node:path";
import { check, exitOf, type Finding, toJson, toText } from "../doctor/finding.ts";
import { readPostgresFacts } from "../doctor/postgres-facts.ts";
import type { Settings } from "../settings.ts";
import { dataRules } from "./data-rules.ts";
import { fileFindings, keyFindings, rightsFindings, type SecretFile } from "./found-checks.ts";
import type { Audited } from "./rules.ts";
import { transportRules } from "./transport-rules.ts";

const ENV_FILE = ".env";

/** Prints what was found, and answers the exit code. @throws what keeps it from checking */
export async function auditConfigCommand(
  audited: Audited,
  { isJson }: { readonly isJson: boolean },
  print: (text: string) => void,
): Promise<number> {
  const findings = await auditConfig(audited);
  print(isJson ? toJson(findings) : toText(findings));
  return exitOf(findings);
}

export async function auditConfig(audited: Audited): Promise<Finding[]> {
  const { DATABASE_URL, AUTH_KEYS_FILE, DATA_DIR } = audited.settings;
  const own = join(DATA_DIR, "keys.json");
  const keys = AUTH_KEYS_FILE ?? (DATABASE_URL === undefined && existsSync(own) ? own : undefined);
  const facts = DATABASE_URL === undefined ? null : await readPostgresFacts(DATABASE_URL, audited.settings);
  return [
    ...[...transportRules, ...dataRules].map(({ name, level, ids, shouldBe, todo, breach }) => {
      const is = breach(audited);
      return check(is === null, level, { name, is: is ?? "as it should be", shouldBe, todo, ids });
    }),
    ...(facts === null || DATABASE_URL === undefined ? [] : rightsFindings(facts, DATABASE_URL)),
    ...(await keyFindings(keys, Date.now())),
    ...(await fileFindings(secretFiles(audited.settings, keys))),
  ];
}

/** Those that settings and URLs name, and the environment of `npm start`. */
function secretFiles({ TLS_KEY_FILE, REDIS_URL, DATABASE_URL }: Settings, keys: string | undefined): SecretFile[] {
  const ofUrls = [
    new URLSearchParams(REDIS_URL?.split("?")[1]).get("key"),
    new URLSearchParams(DATABASE_URL?.split("?")[1]).get("sslkey"),
  ];
  const named = [keys, TLS_KEY_FILE, ...ofUrls].filter((path) => path !== undefined && path !== null);
  return [...named.map((path) => ({ path, mayShare: true })), { path: ENV_FILE, mayShare: false }];
}
