import { lookup } from "node:dns/promises";
import { parseArgs } from "node:util";
import { harmlessJson, isUuid, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { ConfigError } from "@hubbub/runtime";
import { createClusterStore } from "../parts.ts";
import type { Settings } from "../settings.ts";
import { readTold } from "./answer.ts";
import { traceIdOf } from "./otlp.ts";
import { describePath, type KnownStep } from "./path.ts";

export interface TraceArguments {
  readonly room: RoomId;
  readonly seq: number;
  /** `host:port` of the operators' port of processes. A name may stand for several of them. */
  readonly ask: readonly string[];
  readonly isJson: boolean;
}

const OPTIONS = { ask: { type: "string" }, json: { type: "boolean", default: false } } as const;
const ADDRESS = /^(.+):(\d{1,5})$/;
const ASK_TIMEOUT_MS = 3_000;
/** Processes that are asked. */
const ASKED_MAX = 256;

/** null: not what the command takes. */
export function parseTraceArguments(args: readonly string[]): TraceArguments | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [room = "", seq = ""] = positionals;
    const ask = values.ask?.split(",") ?? [];
    if (positionals.length !== 2 || !isUuid(room) || !/^[1-9]\d{0,14}$/.test(seq)) return null;
    if (!ask.every((address) => ADDRESS.test(address))) return null;
    return { room: room as RoomId, seq: Number(seq), ask, isJson: values.json };
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Prints what is known of the path of one event. Answers the exit code: 1 when nothing is. */
export async function traceCommand(
  settings: Settings,
  args: TraceArguments,
  print: (text: string) => void,
): Promise<number> {
  const row = await findRow(settings, args);
  const { steps, faults } = await askProcesses(await addressesOf(settings, args), args);
  // Of two epochs with this number the row has the one that holds.
  const epoch = row?.epoch ?? steps.reduce((newest, step) => Math.max(newest, step.epoch), 0);
  const path = steps.filter((step) => step.epoch === epoch).sort((one, other) => one.at - other.at);
  const trace = traceIdOf({ room: args.room, epoch, seq: args.seq });
  const known = { room: args.room, seq: args.seq, epoch, trace, row, path, faults };
  print(args.isJson ? `${harmlessJson({ ...known, row: row && withoutText(row) })}\n` : describePath(known));
  return row === null && path.length === 0 ? 1 : 0;
}

const withoutText = ({ kind, id, seq, epoch, at, by }: RoomEvent) => ({ kind, id, seq, epoch, at, by });

/** null: it is no row, or the database is inside a server that runs. */
async function findRow(settings: Settings, { room, seq }: TraceArguments): Promise<RoomEvent | null> {
  const { DATABASE_URL: url } = settings;
  if (url === undefined) return null;
  const store = createClusterStore(settings, url);
  try {
    const [row] = await store.events.page(room, { after: seq - 1, limit: 1 });
    return row?.seq === seq ? row : null;
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

/** In a container network one name has the addresses of all processes of a role. */
async function addressesOf(settings: Settings, { ask }: TraceArguments): Promise<readonly string[]> {
  const { DATABASE_URL, OPS_PORT, PORT } = settings;
  if (ask.length === 0) return DATABASE_URL === undefined ? [`127.0.0.1:${OPS_PORT ?? PORT}`] : [];
  const found = await Promise.all(
    ask.map(async (text) => {
      const [, host = "", port = ""] = ADDRESS.exec(text) ?? [];
      const all = await lookup(host.replace(/^\[(.*)\]$/, "$1"), { all: true }).catch((error: Error) => {
        throw new ConfigError([`--ask ${text}: ${error.message}`]);
      });
      return all.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${port}`);
    }),
  );
  return [...new Set(found.flat())].slice(0, ASKED_MAX);
}

async function askProcesses(addresses: readonly string[], { room, seq }: TraceArguments) {
  const steps: KnownStep[] = [];
  const faults: string[] = [];
  await Promise.all(
    addresses.map(async (address) => {
      try {
        const url = `http://${address}/trace?room=${room}&seq=${seq}`;
        const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS), redirect: "error" });
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        const told = await readTold(answer);
        for (const step of told.steps) steps.push({ ...step, node: told.node });
        if (!told.isTraced)
          faults.push(`${told.node} traces every ${told.every}. event of a room, and this is none of them`);
      } catch (error) {
        faults.push(`${address} does not answer: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
  return { steps, faults: faults.sort() };
}
