import { createReadStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Catalogue,
  clusterMeans,
  embeddedMeans,
  type RestoreMeans,
  type RestoreReport,
  readLedger,
  restore,
  type Target,
  testedName,
} from "@hubbub/backup";
import type { Objects } from "@hubbub/files";
import { ConfigError } from "@hubbub/runtime";
import { openRows } from "@hubbub/verify";
import { adopt } from "../adopt.ts";
import type { Settings } from "../settings.ts";
import { verifyCommand, verifySources } from "../verify-command.ts";
import type { RestoreArguments } from "./arguments.ts";
import { assertStopped, liveCluster, liveDirectory } from "./live.ts";
import { targetOf, targetsOf } from "./settings.ts";

const LEASE_LOOK_MS = 500;

interface Output {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Answers the exit code. @throws RestoreRefused, and what keeps it from working */
export async function restoreCommand(settings: Settings, args: RestoreArguments, output: Output): Promise<number> {
  const { ledger, to: wanted, keepLog, ...given } = args;
  await assertStopped(settings, args.discardNewer);
  await using objects = await findTarget(args.from, settings).open();
  const entries = ledger === undefined ? [] : await readLedger(createReadStream(ledger));
  const live = async (_catalogue: Catalogue, to: Date) => {
    if (args.discardNewer) return { live: null, inLog: null };
    return settings.DATABASE_URL === undefined
      ? { live: await liveDirectory(settings.DATA_DIR, to), inLog: null }
      : await liveCluster(settings, settings.DATABASE_URL, { to, keepLog });
  };
  const verify = async (url: string | null) => (await verifyRestored(settings, args.into, url, output)) === 0;
  const means = meansOf(settings, keepLog);
  const report = await restore({ ...given, objects, wanted, ledger: entries, live, means, verify });
  if (report.isClean) await markTested(objects, report.catalogue);
  output.stdout.write(describe(report, args.into));
  return report.isClean ? 0 : 1;
}

/** For the metrics and alerts of its age. */
export async function markTested(objects: Objects, { id }: Catalogue): Promise<void> {
  await objects.put(testedName(id), only(`${new Date().toISOString()}\n`));
}

/** @throws ConfigError */
export function findTarget(from: string, settings: Settings): Target {
  const numbered = /^\d+$/.test(from) ? targetsOf(settings)[Number(from) - 1] : targetOf(from, settings);
  if (numbered === null || numbered === undefined)
    throw new ConfigError([
      `--from ${from} is no target: file:/path, s3:https://host/bucket, or the number of one in BACKUP_TARGETS`,
    ]);
  return numbered;
}

export function meansOf(settings: Settings, keepLog: boolean): RestoreMeans {
  const { DATABASE_URL: databaseUrl } = settings;
  if (databaseUrl === undefined) return embeddedMeans;
  return clusterMeans({
    databaseUrl,
    async adopt({ store }, how) {
      const said: string[] = [];
      await store.assertSchema();
      // Nobody else can reach this Postgres: leases in it are of the lost life, and end.
      while ((await store.cluster.writersAlive()).length > 0) await delay(LEASE_LOOK_MS);
      await adopt(store, settings, { ...how, keepLog }, (text) => void said.push(text));
      // The last line says what to do behind the command.
      return said.slice(0, -1).join("").trim();
    },
  });
}

async function verifyRestored(settings: Settings, into: string, url: string | null, output: Output): Promise<number> {
  const all = { room: undefined, chain: undefined, isJson: false };
  if (url !== null) return await verifySources(openRows(url, settings.DATABASE_STATEMENT_TIMEOUT_MS), all, output);
  const embedded = { ...settings, REDIS_URL: undefined, DATABASE_URL: undefined, DATA_DIR: into };
  return await verifyCommand(embedded, all, output);
}

function describe({ catalogue, adopted, replayed, contents, steps, at }: RestoreReport, into: string): string {
  const { erasures, acts, left } = replayed;
  const next =
    catalogue.kind === "embedded"
      ? `Start the server with DATA_DIR=${into}, or move it to where DATA_DIR was.`
      : `Put ${into}/data in the place of the data directory of Postgres, ${into}/files/content below FILES_DIR, and start everything.`;
  return [
    `${catalogue.id} is in ${into}, as of ${at.toISOString()}: ${contents.files} files, ${contents.missing} files missing`,
    adopted,
    `taken away again: ${erasures} erased users, ${acts} removals and bans; ${left} had nothing to do`,
    ...describeSteps(steps),
    `${next}\n`,
  ].join("\n");
}

export function describeSteps(steps: RestoreReport["steps"]): string[] {
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  return [...steps, { name: "in all", ms: total }].map(
    ({ name, ms }) => `  ${name.padEnd(16)} ${(ms / 1_000).toFixed(1).padStart(7)} s`,
  );
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
