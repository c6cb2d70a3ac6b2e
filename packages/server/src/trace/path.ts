import { harmlessJson, type RoomEvent, TERMINAL_CONTROLS } from "@hubbub/protocol";
import type { TraceStep } from "@hubbub/runtime";
import type { ToldStep } from "./answer.ts";

export type KnownStep = ToldStep & { readonly node: string };

export interface KnownPath {
  readonly room: string;
  readonly seq: number;
  readonly epoch: number;
  readonly trace: string;
  /** null: not stored, or not to be read. */
  readonly row: RoomEvent | null;
  /** In the order of time. */
  readonly path: readonly KnownStep[];
  /** What could not be asked. */
  readonly faults: readonly string[];
}

const SAYS: Readonly<Record<TraceStep["name"], (step: KnownStep) => string>> = {
  accepted: ({ ms, count }) => `accepted: the log answered ${inMs(ms)} after the batch of ${count} left`,
  recognised: ({ ms }) => `sent again and recognised, ${inMs(ms)}`,
  delivered: ({ count }) => `delivered to ${count} ${count === 1 ? "connection" : "connections"}`,
  stored: ({ ms, count }) => `stored: a commit of ${count} events, ${inMs(ms)}`,
  announced: ({ ms, count }) => `told durable, with ${count} rooms, ${inMs(ms)}`,
};

function saysOf(step: KnownStep): string {
  const isKnown = (name: string): name is TraceStep["name"] => Object.hasOwn(SAYS, name);
  return isKnown(step.name) ? SAYS[step.name](step) : `${step.name} (a step of another build), ${inMs(step.ms)}`;
}

/** For people. Times are by the clock of each process, and count from the first step. */
export function describePath({ room, seq, epoch, trace, row, path, faults }: KnownPath): string {
  const [first] = path;
  const lines = [`room ${room}, seq ${seq}, epoch ${epoch}, trace ${trace}`];
  if (row !== null)
    lines.push(
      `  a row: ${row.kind} ${harmlessJson(row.id)} of ${row.by.username}, numbered ${new Date(row.at).toISOString()}`,
    );
  else lines.push("  no row: it is not stored yet, it does not exist, or the database was not asked");
  if (first !== undefined) {
    lines.push(`  from ${new Date(first.at).toISOString()}`);
    const width = Math.max(...path.map(({ node }) => node.length));
    for (const step of path)
      lines.push(`  ${`+${inMs(step.at - first.at)}`.padStart(12)}  ${step.node.padEnd(width)}  ${saysOf(step)}`);
  } else if (faults.length === 0)
    lines.push(
      "  no process has steps of it: name processes with --ask HOST:OPS_PORT; each keeps its newest 4,096 steps",
    );
  for (const fault of faults) lines.push(`  ${fault}`);
  // Other processes sent the names and faults: they may hold control characters of terminals.
  return lines.map((line) => `${line.replace(TERMINAL_CONTROLS, "\ufffd")}\n`).join("");
}

const inMs = (ms: number): string => `${ms.toFixed(2)} ms`;
