import { readFile } from "node:fs/promises";
import { readRedisFacts } from "@hubbub/broker";
import { contradictions } from "../contradictions.ts";
import { explain } from "../explain.ts";
import type { Settings } from "../settings.ts";
import type { DoctorArguments } from "./arguments.ts";
import { backupFindings } from "./backup-checks.ts";
import { nodeFindings } from "./cluster-checks.ts";
import { check, exitOf, type Finding, toJson, toText } from "./finding.ts";
import { certificateFindings, descriptorFinding, diskFindings, nginxFinding } from "./machine-checks.ts";
import { postgresFindings } from "./postgres-checks.ts";
import { readPostgresFacts } from "./postgres-facts.ts";
import { tuningFindings } from "./postgres-tuning.ts";
import { redisFindings } from "./redis-checks.ts";

/** Prints what was found, and answers the exit code. @throws what keeps it from checking */
export async function doctorCommand(
  settings: Settings,
  { isJson, nginx }: DoctorArguments,
  print: (text: string) => void,
): Promise<number> {
  const findings = await diagnose(settings, nginx === undefined ? undefined : await readFile(nginx, "utf8"));
  print(isJson ? toJson(findings) : toText(findings));
  return exitOf(findings);
}

/** `nginx`: the text of its configuration. */
export async function diagnose(settings: Settings, nginx: string | undefined): Promise<Finding[]> {
  const { REDIS_URL, DATABASE_URL } = settings;
  const now = Date.now();
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => null);
  const found = await Promise.all([
    REDIS_URL === undefined ? [] : redisPart(REDIS_URL, settings),
    DATABASE_URL === undefined ? [] : postgresPart(DATABASE_URL, settings),
    diskFindings(directoriesOf(settings)),
    certificateFindings(settings, now),
    backupFindings(settings, now),
  ]);
  return [
    settingsFinding(settings),
    ...found.flat(),
    descriptorFinding(limits, settings),
    ...(nginx === undefined ? [] : [nginxFinding(nginx, settings)]),
  ];
}

function settingsFinding(settings: Settings): Finding {
  const faults = contradictions(settings, settings.DATABASE_URL === undefined);
  return check(faults.length === 0, "fault", {
    name: "settings",
    is: faults.length === 0 ? "no setting contradicts another" : faults.join("; "),
    shouldBe: "settings with which the processes start",
    todo: "correct them; .env.example describes each",
  });
}

async function redisPart(url: string, settings: Settings): Promise<Finding[]> {
  try {
    const facts = await readRedisFacts(url);
    return [reach("redis", null), ...redisFindings(facts, settings)];
  } catch (error) {
    return [reach("redis", error)];
  }
}

async function postgresPart(url: string, settings: Settings): Promise<Finding[]> {
  try {
    const facts = await readPostgresFacts(url, settings);
    return [
      reach("postgres", null),
      ...postgresFindings(facts, settings),
      ...tuningFindings(facts),
      ...nodeFindings(facts),
    ];
  } catch (error) {
    return [reach("postgres", error)];
  }
}

function reach(what: "redis" | "postgres", error: unknown): Finding {
  return check(error === null, "fault", {
    name: `${what}-reach`,
    is: error === null ? "it answers" : what === "postgres" ? explain(error) : messageOf(error),
    shouldBe: "it answers",
    todo: `see that it runs, and that ${what === "redis" ? "REDIS_URL" : "DATABASE_URL"} is right on this machine`,
  });
}

function messageOf(error: unknown): string {
  // A host with several addresses: the message of the whole is empty.
  const { code, message } = Object(error) as { code?: string; message?: string };
  return message || (code ?? String(error));
}

/** A cluster has no DATA_DIR, but the spool of its backups and the files may be on this machine. */
function directoriesOf({ DATABASE_URL, DATA_DIR, FILES_DIR, BACKUP_TARGETS, ROLES }: Settings): string[] {
  const local = BACKUP_TARGETS.filter((text) => text.startsWith("file:")).map((text) => text.slice("file:".length));
  return [
    ...(DATABASE_URL === undefined || ROLES.includes("backup") ? [DATA_DIR] : []),
    ...(FILES_DIR === undefined ? [] : [FILES_DIR]),
    ...local,
  ];
}
