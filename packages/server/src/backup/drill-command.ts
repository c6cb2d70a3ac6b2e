import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Catalogue,
  lacksOfLog,
  listBackups,
  logBytes,
  RestoreRefused,
  restore,
  type Target,
} from "@hubbub/backup";
import type { Objects } from "@hubbub/files";
import { ConfigError } from "@hubbub/runtime";
import { openEmbeddedSources, openRows, toText, verify, watchProgress } from "@hubbub/verify";
import type { Settings } from "../settings.ts";
import type { DrillArguments } from "./arguments.ts";
import { compareWithLive, describeBehind } from "./compare-live.ts";
import { Interrupts } from "./interrupts.ts";
import { describeSteps, findTarget, markTested, meansOf } from "./restore-command.ts";
import { targetsOf } from "./settings.ts";

const EXIT = { clean: 0, faults: 1 } as const;
/** Of a compressed base, when it is unpacked. More than most databases need. */
const UNPACKED = 4;
const GIBI = 1_073_741_824;
/** Three rounds of the process that sends the log. */
const LOG_WAIT_MS = 15_000;
const LOG_LOOK_MS = 1_000;

type Output = Readonly<Record<"stdout" | "stderr", NodeJS.WritableStream>>;

/**
 * Restores a backup beside what runs, looks at it and removes it. Redis is never touched: adopting the copy would close the log of the
 * cluster. Answers the exit code. @throws ConfigError
 */
export async function drillCommand(settings: Settings, args: DrillArguments, output: Output): Promise<number> {
  const targets = args.from === undefined ? targetsOf(settings) : [findTarget(args.from, settings)];
  if (targets.length === 0)
    throw new ConfigError(["BACKUP_TARGETS is missing: it names where backups are; or name one with --from"]);
  using interrupts = new Interrupts();
  let code: number = EXIT.clean;
  for (const target of targets) {
    const isClean = await drill(target, { ...settings, REDIS_URL: undefined }, args, output).catch((error: Error) => {
      const what = interrupts.code === null ? `the newest backup cannot be restored: ${error.message}` : "interrupted";
      output.stdout.write(`${target.label}: ${what}\n`);
      return false;
    });
    if (interrupts.code !== null) return interrupts.code;
    if (!isClean) code = EXIT.faults;
  }
  return code;
}

async function drill(target: Target, settings: Settings, args: DrillArguments, output: Output): Promise<boolean> {
  const { to: wanted, identity } = args;
  const begunAt = new Date();
  await using objects = await target.open();
  if (wanted === "latest") await logIsThere(objects);
  await using folder = await openFolder(args.directory);
  const into = folder.path;
  const seen = { rows: 0, rooms: 0, behind: "", faults: "" };
  const look = async (url: string | null) => {
    seen.behind = describeBehind(await compareWithLive(settings, url ?? join(into, "postgres"), begunAt), begunAt);
    const { looked, faults, text } = await verifyCopy(settings, url, into, output);
    const isClean = Object.keys(faults).length === 0;
    Object.assign(seen, { rows: looked.rows, rooms: looked.rooms, faults: isClean ? "" : text });
    return isClean;
  };
  const live = async (catalogue: Catalogue) => {
    await assertSpace(objects, catalogue, args.directory);
    return { live: null, inLog: null };
  };
  const how = { discardNewer: true, withoutKeys: false, skipDamaged: false, keepSessions: false, ledger: [] };
  const means = meansOf(settings, false);
  const report = await restore({ ...how, objects, wanted, into, identity, live, means, verify: look });
  const { catalogue, contents, isClean, steps, at } = report;
  if (isClean) await markTested(objects, catalogue);
  output.stdout.write(
    [
      `${target.label}: ${catalogue.id} was restored beside what runs, as of ${at.toISOString()}`,
      `  ${count(seen.rows, "event")} in ${count(seen.rooms, "room")}, ${count(contents.files, "file")} and ${contents.missing} missing`,
      `  ${seen.behind}`,
      ...describeSteps(steps),
      isClean ? "  clean: the backup is marked as tested\n" : `  not clean:\n${seen.faults}`,
    ].join("\n"),
  );
  return isClean;
}

async function verifyCopy(
  { DATABASE_STATEMENT_TIMEOUT_MS }: Settings,
  url: string | null,
  into: string,
  { stderr }: Output,
) {
  await using sources =
    url === null ? await openEmbeddedSources(join(into, "postgres")) : openRows(url, DATABASE_STATEMENT_TIMEOUT_MS);
  using progress = watchProgress(stderr);
  const findings = await verify({ ...sources, onCount: progress.onCount });
  return { looked: findings.looked, faults: findings.faults, text: toText(findings, false) };
}

/** The log of a base that has just ended comes with the next round. What lacks after that is a fault, which the restore tells. */
async function logIsThere(objects: Objects): Promise<void> {
  const { backups } = await listBackups(objects);
  const newest = backups.at(-1)?.catalogue;
  if (newest === undefined) return;
  for (const end = Date.now() + LOG_WAIT_MS; Date.now() < end; await delay(LOG_LOOK_MS))
    if ((await lacksOfLog(objects, newest, "latest")).length === 0) return;
}

/** It goes when the drill ends, however that ends. */
async function openFolder(directory: string): Promise<AsyncDisposable & { readonly path: string }> {
  await mkdir(directory, { recursive: true });
  const path = await mkdtemp(join(directory, "hubbub-drill-"));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", remove);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      process.off("exit", remove);
    },
  };
}

/** A full disk may be that of the database that runs. @throws RestoreRefused */
async function assertSpace(objects: Objects, catalogue: Catalogue, directory: string): Promise<void> {
  const { database, files } = catalogue;
  const needed = database.bytes * (1 + UNPACKED) + files.contentBytes + (await logBytes(objects, catalogue));
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free >= needed) return;
  const [wanted, has] = [needed, free].map((bytes) => `${(bytes / GIBI).toFixed(1)} GiB`);
  throw new RestoreRefused([
    `a copy may need ${wanted}, and ${directory} has ${has}: name a directory with more space with --directory`,
  ]);
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
