import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Catalogue,
  embeddedMeans,
  FACTS,
  type Facts,
  type Live,
  NEWER,
  type Newer,
  type RestoreReport,
  readLedger,
  restore,
  type Target,
  testedName,
} from "@hubbub/backup";
import { ConfigError } from "@hubbub/runtime";
import { openEmbedded } from "@hubbub/store/sql";
import { lockDirectory } from "../directory-lock.ts";
import type { Settings } from "../settings.ts";
import { verifyCommand } from "../verify-command.ts";
import type { RestoreArguments } from "./arguments.ts";
import { targetOf, targetsOf } from "./settings.ts";

/** Answers the exit code. @throws RestoreRefused, and what keeps it from working */
export async function restoreCommand(
  settings: Settings,
  args: RestoreArguments,
  { stdout, stderr }: { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream },
): Promise<number> {
  const { ledger, to: wanted, ...given } = args;
  const target = findTarget(args.from, settings);
  await using objects = await target.open();
  const entries = ledger === undefined ? [] : await readLedger(createReadStream(ledger));
  const live = async (_catalogue: Catalogue, to: Date) => ({
    live: args.discardNewer ? null : await liveDirectory(settings.DATA_DIR, to),
    inLog: null,
  });
  const report = await restore({ ...given, objects, wanted, ledger: entries, live, means: embeddedMeans });
  const begun = performance.now();
  const code = await verifyCommand(
    { ...settings, REDIS_URL: undefined, DATABASE_URL: undefined, DATA_DIR: args.into },
    { room: undefined, chain: undefined, isJson: false },
    { stdout, stderr },
  );
  if (code === 0) await objects.put(testedName(report.catalogue.id), only(`${new Date().toISOString()}\n`));
  stdout.write(describe(report, args.into, Math.round(performance.now() - begun)));
  return code;
}

/** @throws ConfigError */
function findTarget(from: string, settings: Settings): Target {
  const numbered = /^\d+$/.test(from) ? targetsOf(settings)[Number(from) - 1] : targetOf(from, settings);
  if (numbered === null || numbered === undefined)
    throw new ConfigError([
      `--from ${from} is no target: file:/path, s3:https://host/bucket, or the number of one in BACKUP_TARGETS`,
    ]);
  return numbered;
}

/** null: there is nothing. @throws DirectoryInUse while a server runs there, because then nobody can tell what is newer */
async function liveDirectory(directory: string, to: Date): Promise<Live | null> {
  const dataDir = join(directory, "postgres");
  if (!existsSync(dataDir)) return null;
  const unlock = await lockDirectory(directory);
  try {
    const database = await openEmbedded({ dataDir });
    try {
      const [facts] = await database.run<Facts>(FACTS, []);
      const [newer] = await database.run<Newer>(NEWER, [to.getTime()]);
      if (facts === undefined || newer === undefined) return null;
      return { where: directory, cluster: facts.cluster, generation: facts.generation, newer };
    } finally {
      await database.close();
    }
  } finally {
    await unlock();
  }
}

function describe(
  { catalogue, adopted, replayed, contents, steps }: RestoreReport,
  into: string,
  verifyMs: number,
): string {
  const { erasures, acts, left } = replayed;
  const all = [...steps, { name: "verify", ms: verifyMs }];
  const total = all.reduce((sum, { ms }) => sum + ms, 0);
  return [
    `${catalogue.id} of ${catalogue.takenAt} is in ${into}: ${catalogue.rooms} rooms, ${contents.files} files, ${contents.missing} files missing`,
    adopted,
    `done again: ${erasures} erasures, ${acts} removals and bans; ${left} had nothing to do`,
    ...all.map(({ name, ms }) => `  ${name.padEnd(16)} ${(ms / 1_000).toFixed(1).padStart(7)} s`),
    `  ${"in all".padEnd(16)} ${(total / 1_000).toFixed(1).padStart(7)} s`,
    `Start the server with DATA_DIR=${into}, or move it to where DATA_DIR was.\n`,
  ].join("\n");
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
