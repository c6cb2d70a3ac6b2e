import { existsSync } from "node:fs";
import { join } from "node:path";
import { check, exitOf, type Finding, toJson, toText } from "../doctor/finding.ts";
import { readPostgresFacts } from "../doctor/postgres-facts.ts";
import { dataRules } from "./data-rules.ts";
import { fileFindings, keyFindings, rightsFindings } from "./found-checks.ts";
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
    ...(await fileFindings(existsSync(ENV_FILE) ? [ENV_FILE] : [])),
  ];
}
