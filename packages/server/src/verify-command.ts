import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isUuid, type RoomId, TERMINAL_CONTROLS } from "@hubbub/protocol";
import { ConfigError } from "@hubbub/runtime";
import {
  checkChainFile,
  type OpenSources,
  openClusterSources,
  openEmbeddedSources,
  type Sources,
  toJson,
  toText,
  verify,
  watchProgress,
} from "@hubbub/verify";
import { lockDirectory } from "./directory-lock.ts";
import type { Settings } from "./settings.ts";

export const VERIFY_EXIT = { clean: 0, faults: 1, unchecked: 2 } as const;

export interface VerifyArguments {
  /** A file with a chain: only that is checked. */
  readonly chain: string | undefined;
  readonly room: RoomId | undefined;
  readonly isJson: boolean;
}

const OPTIONS = { room: { type: "string" }, json: { type: "boolean" }, chain: { type: "string" } } as const;

/** null: they cannot be understood. */
export function parseVerifyArguments(args: readonly string[]): VerifyArguments | null {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const { room, chain, json = false } = values;
    if (room !== undefined && !isUuid(room)) return null;
    return { room: room as RoomId | undefined, chain, isJson: json };
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Prints the verdict and answers the exit code. @throws what keeps it from checking */
export async function verifyCommand(
  settings: Settings,
  { room, chain, isJson }: VerifyArguments,
  { stdout, stderr }: { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream },
): Promise<number> {
  if (chain !== undefined) return await verifyChain(chain, stdout);
  return await verifySources(await openSources(settings), { room, isJson }, { stdout, stderr });
}

/** Closes the sources in the end. */
export async function verifySources(
  sources: OpenSources,
  { room, isJson }: Pick<VerifyArguments, "room" | "isJson">,
  { stdout, stderr }: { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream },
): Promise<number> {
  const progress = watchProgress(stderr);
  try {
    await sources.audit.assertSchema();
    await assertSettings(sources, room);
    const findings = await verify({ ...sources, onCount: progress.onCount }, room);
    const isWithRedis = sources.log !== null;
    stdout.write(isJson ? toJson(findings, isWithRedis) : toText(findings, isWithRedis));
    return Object.keys(findings.faults).length === 0 ? VERIFY_EXIT.clean : VERIFY_EXIT.faults;
  } finally {
    progress[Symbol.dispose]();
    await sources[Symbol.asyncDispose]();
  }
}

async function verifyChain(file: string, stdout: NodeJS.WritableStream): Promise<number> {
  const { links, moved, isFromStart, end, faults } = await checkChainFile(file);
  // What the file has cannot drive the terminal.
  const print = (line: string) => stdout.write(`${line.replace(TERMINAL_CONTROLS, "\ufffd")}\n`);
  for (const fault of faults) print(fault);
  const verdict = faults.length === 0 ? "intact" : `${faults.length} faults`;
  if (!isFromStart) print("the first links of the chain are not in the file: they were not checked");
  if (moved > 0)
    print(`${moved} events name a message that has another seq since: "moved" of their entries says which`);
  print(`${links} links, ${verdict}; the last one: ${end === null ? "none" : `seq ${end.seq} ${end.link}`}`);
  return faults.length === 0 ? VERIFY_EXIT.clean : VERIFY_EXIT.faults;
}

/** With other settings than the cluster's all would seem to be well, because nothing is found. @throws ConfigError */
async function assertSettings({ audit, log }: Sources, room: RoomId | undefined): Promise<void> {
  const shards = await audit.shards();
  if (log !== null && shards !== 0 && shards !== log.shards) {
    throw new ConfigError([`SHARDS is ${log.shards} here, and the writers of this cluster have ${shards}`]);
  }
  if (room !== undefined && !(await audit.hasRoom(room))) {
    throw new ConfigError([`there is no room ${room}: --room takes the id of one`]);
  }
}

async function openSources(settings: Settings): Promise<OpenSources> {
  const { REDIS_URL, DATABASE_URL } = settings;
  if (REDIS_URL === undefined && DATABASE_URL === undefined) return await openDirectory(settings.DATA_DIR);
  if (REDIS_URL === undefined || DATABASE_URL === undefined) {
    throw new ConfigError(["set both REDIS_URL and DATABASE_URL, as the processes of the cluster have them"]);
  }
  return await openClusterSources({
    databaseUrl: DATABASE_URL,
    statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
    redisUrl: REDIS_URL,
    prefix: settings.REDIS_PREFIX,
    shards: settings.SHARDS,
  });
}

/** Under the lock of the directory: a server that runs there would destroy it with us. */
async function openDirectory(directory: string): Promise<OpenSources> {
  const dataDir = join(directory, "postgres");
  if (!existsSync(dataDir)) {
    throw new ConfigError([
      `there is nothing in ${directory}: set REDIS_URL and DATABASE_URL for a cluster, DATA_DIR for a server of one process`,
    ]);
  }
  const unlock = await lockDirectory(directory);
  const sources = await openEmbeddedSources(dataDir);
  return {
    ...sources,
    async [Symbol.asyncDispose]() {
      await sources[Symbol.asyncDispose]();
      await unlock();
    },
  };
}
