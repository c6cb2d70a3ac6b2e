import { listBackups, type Target } from "@hubbub/backup";
import { targetsOf } from "../backup/settings.ts";
import type { Settings } from "../settings.ts";
import { check, type Finding } from "./finding.ts";
import { age } from "./units.ts";

const MINUTE_MS = 60_000;
/** A base is late when two are missing. */
const LATE = 2;
/** For backups that only a command takes. */
const BY_HAND_MS = 7 * 86_400_000;
const TESTED_MAX_MS = 90 * 86_400_000;

export async function backupFindings(settings: Settings, now: number): Promise<Finding[]> {
  const targets = targetsOf(settings);
  const isCluster = settings.DATABASE_URL !== undefined;
  const none = check(targets.length > 0, isCluster ? "fault" : "warning", {
    name: "backup-targets",
    is: `${targets.length} targets in BACKUP_TARGETS`,
    shouldBe: "one or more, not on the disk of the database: a lost disk loses everything",
    todo: "set BACKUP_TARGETS, and in a cluster start a process with ROLES=backup",
  });
  const found = await Promise.all(targets.map((target) => targetFindings(target, settings, now)));
  return [none, ...found.flat()];
}

async function targetFindings(target: Target, settings: Settings, now: number): Promise<Finding[]> {
  try {
    await using objects = await target.open();
    const { backups, faults } = await listBackups(objects);
    const newest = backups.at(-1)?.catalogue.takenAt;
    const tested = backups.findLast(({ isTested }) => isTested)?.catalogue.takenAt;
    return [
      ageFinding("backup-age", target.label, newest, now, lateMs(settings)),
      ageFinding("backup-test-age", `${target.label}, tested`, tested, now, TESTED_MAX_MS),
      check(faults.length === 0, "fault", {
        name: "backup-catalogues",
        is: faults.length === 0 ? `${target.label}: all can be read` : `${target.label}: ${faults.join("; ")}`,
        shouldBe: "every catalogue can be read",
        todo: "run `hubbub backup check --all`, and use another target meanwhile",
      }),
    ];
  } catch (error) {
    const is = `${target.label}: ${error instanceof Error ? error.message : error}`;
    const todo = "make it reachable, or take it out of BACKUP_TARGETS";
    return [check(false, "fault", { name: "backup-reach", is, shouldBe: "the target answers", todo })];
  }
}

function lateMs({ BACKUP_EVERY_MINUTES }: Settings): number {
  return BACKUP_EVERY_MINUTES === 0 ? BY_HAND_MS : BACKUP_EVERY_MINUTES * MINUTE_MS * LATE;
}

function ageFinding(name: string, what: string, takenAt: string | undefined, now: number, maxMs: number): Finding {
  const ms = takenAt === undefined ? Number.POSITIVE_INFINITY : now - Date.parse(takenAt);
  const isTest = name === "backup-test-age";
  return check(ms <= maxMs, isTest ? "warning" : "fault", {
    name,
    is: takenAt === undefined ? `${what}: no backup` : `${what}: ${age(ms)} old`,
    shouldBe: `at most ${age(maxMs)}`,
    todo: isTest
      ? "run `hubbub drill restore`: it restores the newest backup beside what runs, verifies it and removes the copy"
      : "run `hubbub backup now`, and see why none was taken: /statusz of the process with ROLES=backup",
  });
}
