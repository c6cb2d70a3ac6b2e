import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type BackupOptions,
  type BackupResult,
  backUp,
  type Catalogue,
  checkBackup,
  lacksOfLog,
  ledgerLines,
  listBackups,
  type Target,
} from "@hubbub/backup";
import { harmlessJson } from "@hubbub/protocol";
import { ConfigError } from "@hubbub/runtime";
import { buildVersion } from "../announce.ts";
import { DirectoryInUse } from "../directory-lock.ts";
import { openFileStorage } from "../files.ts";
import { createClusterStore } from "../parts.ts";
import type { Settings } from "../settings.ts";
import type { BackupArguments } from "./arguments.ts";
import { clusterSource } from "./cluster-source.ts";
import { embeddedSource } from "./embedded-source.ts";
import { openEmbeddedStore } from "./open-embedded.ts";
import { targetsOf } from "./settings.ts";

const EXIT = { done: 0, faults: 1 } as const;
/** Three rounds of the process that sends the log. */
const LOG_WAIT_MS = 15_000;
const LOG_LOOK_MS = 1_000;
const NOT_FOUND = 404;
const PLAIN =
  "BACKUP_RECIPIENTS is unset: the backup is plain. Who can read the target can read all messages and sign tokens.";

/** Answers the exit code. @throws what keeps it from working */
export async function backupCommand(
  settings: Settings,
  args: BackupArguments,
  print: (text: string) => void,
): Promise<number> {
  if (args.act === "ledger") return await printLedger(settings, print);
  const targets = targetsOf(settings);
  if (targets.length === 0) throw new ConfigError(["BACKUP_TARGETS is missing: it names where backups go"]);
  if (args.act === "now") return await takeNow(settings, targets, print);
  let code: number = EXIT.done;
  for (const target of targets) {
    const isGood = await lookAt(target, args, print).catch((error: Error) => {
      print(`${target.label}: ${error.message}\n`);
      return false;
    });
    if (!isGood) code = EXIT.faults;
  }
  return code;
}

async function takeNow(settings: Settings, targets: readonly Target[], print: (text: string) => void): Promise<number> {
  if (settings.BACKUP_RECIPIENTS.length === 0) print(`${PLAIN}\n`);
  const { catalogue, deliveries } = await take(settings, targets);
  print(`${describe(catalogue)}\n`);
  for (const { target, fault, copied, gone, removed, kept } of deliveries) {
    const old = removed.length === 0 ? "" : `, ${removed.length} old backups removed`;
    if (kept !== null) print(`${target}: old backups could not be removed: ${kept}\n`);
    const lost = gone === 0 ? "" : `, ${gone} deleted meanwhile`;
    print(`${target}: ${fault ?? `whole; ${copied} files copied${lost}${old}`}\n`);
  }
  const isWhole = deliveries.every(({ fault }) => fault === null);
  return isWhole && (await hasLog(catalogue, targets, print)) ? EXIT.done : EXIT.faults;
}

/** A base backup alone is of no use: a process with the role has to send the log beside it. */
async function hasLog(
  catalogue: Catalogue,
  targets: readonly Target[],
  print: (text: string) => void,
): Promise<boolean> {
  if (catalogue.wal === null) return true;
  for (const end = Date.now() + LOG_WAIT_MS; Date.now() < end; await delay(LOG_LOOK_MS)) {
    const lacking = await Promise.all(targets.map((target) => lacksLog(target, catalogue)));
    if (lacking.every((lack) => lack.length === 0)) return true;
  }
  print(
    "The log of this backup is not in every target: start a process with ROLES=backup. It cannot be restored without.\n",
  );
  return false;
}

async function lacksLog(target: Target, catalogue: Catalogue): Promise<readonly string[]> {
  await using objects = await target.open();
  return await lacksOfLog(objects, catalogue, { id: catalogue.id });
}

function optionsOf(settings: Settings, targets: readonly Target[]): BackupOptions {
  const spool = join(settings.DATA_DIR, "backup-spool");
  // Of a cluster the process with the role removes, which may be taking a backup at this moment.
  const mayRemove = () => settings.DATABASE_URL === undefined;
  return { targets, recipients: settings.BACKUP_RECIPIENTS, build: buildVersion(), spool, mayRemove };
}

/** Of a cluster, or by the server that runs in the directory, or here. */
async function take(settings: Settings, targets: readonly Target[]): Promise<BackupResult> {
  const { DATABASE_URL: url } = settings;
  if (url !== undefined) {
    await using store = createClusterStore(settings, url);
    await store.assertSchema();
    const storage = await openFileStorage({ ...settings, ROLES: ["backup"] }, undefined);
    return await backUp(clusterSource(settings, url, { store, files: storage }), optionsOf(settings, targets));
  }
  try {
    await using opened = await openEmbeddedStore(settings);
    const source = embeddedSource(settings, opened.store, await openFileStorage(settings, settings.DATA_DIR));
    return await backUp(source, optionsOf(settings, targets));
  } catch (error) {
    if (!(error instanceof DirectoryInUse) || error.holder === undefined) throw error;
    return await askServer(settings, error.holder);
  }
}

async function askServer({ HOST, PORT, OPS_PORT, TLS_CERT_FILE }: Settings, holder: string): Promise<BackupResult> {
  if (OPS_PORT === undefined && TLS_CERT_FILE !== undefined)
    throw new ConfigError(["TLS_CERT_FILE is set and OPS_PORT is not: set OPS_PORT, on which a server can be asked"]);
  const host = ["0.0.0.0", "::"].includes(HOST) ? "127.0.0.1" : HOST;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${OPS_PORT ?? PORT}/backup`;
  const answer = await fetch(url, { method: "POST" }).catch((cause: unknown) => {
    throw new ConfigError([`${holder} holds the data directory and does not answer at ${url}: ${String(cause)}`]);
  });
  if (answer.status === NOT_FOUND)
    throw new ConfigError([`${holder} was started without BACKUP_TARGETS: set it, and start the server again`]);
  const said = (await answer.json()) as BackupResult & { readonly detail?: string };
  if (answer.ok) return said;
  throw new ConfigError([`${holder} cannot take a backup: ${said.detail ?? `status ${answer.status}`}`]);
}

async function lookAt(
  target: Target,
  { act, isJson, isAll }: BackupArguments,
  print: (text: string) => void,
): Promise<boolean> {
  await using objects = await target.open();
  const { backups, faults } = await listBackups(objects);
  for (const fault of faults) print(`${target.label}: ${fault}\n`);
  if (backups.length === 0) print(isJson ? "" : `${target.label}: no backup\n`);
  let isGood = faults.length === 0;
  for (const { catalogue, isTested } of act === "check" && !isAll ? backups.slice(-1) : backups) {
    if (act === "list")
      print(
        isJson
          ? `${harmlessJson({ target: target.label, isTested, ...catalogue })}\n`
          : `${target.label}: ${describe(catalogue)}${isTested ? ", tested" : ""}\n`,
      );
    else {
      const isNewest = catalogue === backups.at(-1)?.catalogue;
      const lacks = await lacksOfLog(objects, catalogue, isNewest ? "latest" : { id: catalogue.id });
      const found = [...(await checkBackup(objects, catalogue)), ...lacks];
      for (const fault of found) print(`${target.label}: ${fault}\n`);
      if (found.length === 0) print(`${target.label}: ${catalogue.id} is whole\n`);
      isGood &&= found.length === 0;
    }
  }
  return isGood && (act === "list" || backups.length > 0);
}

function describe({ id, kind, takenAt, generation, rooms, database, files, recipients }: Catalogue): string {
  const bytes = ((database.bytes + files.contentBytes) / 1_048_576).toFixed(1);
  const sealed = recipients.length === 0 ? "plain" : "sealed";
  return `${id} ${kind} of ${takenAt}, generation ${generation}, ${rooms} rooms, ${files.count} files, ${bytes} MiB, ${sealed}`;
}

async function printLedger(settings: Settings, print: (text: string) => void): Promise<number> {
  const { DATABASE_URL: url } = settings;
  await using opened = url === undefined ? await openEmbeddedStore(settings) : await openCluster(settings, url);
  for await (const line of ledgerLines(opened.store)) print(Buffer.from(line).toString("utf8"));
  return EXIT.done;
}

async function openCluster(settings: Settings, url: string) {
  const store = createClusterStore(settings, url);
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}
