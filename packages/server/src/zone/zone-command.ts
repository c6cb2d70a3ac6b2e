import { setTimeout as delay } from "node:timers/promises";
import { harmlessJson, ProtocolError, type ZoneState } from "@hubbub/protocol";
import { type Acting, type Nodes, zonesOf } from "@hubbub/store";
import { AdminRefused } from "../admin/refused.ts";
import type { DrainArguments, RebalanceArguments, ZoneArguments } from "./arguments.ts";

/** The right to run the command makes its user the operator. */
const OPERATOR: Acting = { by: "operator" };
const LOOK_MS = 1_000;
const EXIT = { done: 0, late: 3 } as const;

type Process = ZoneState["processes"][number];

/** How far it is. */
interface Progress {
  readonly all: readonly Process[];
  /** Those of them that are not done. */
  readonly waiting: readonly Process[];
  /** Nobody knows what these do. They are dead, or have lost Postgres. */
  readonly silent: readonly string[];
}

interface Follow {
  readonly look: () => Promise<Progress>;
  /** What a process that is not done has left. */
  readonly left: (process: Process) => string;
  readonly done: string;
}

interface Way {
  readonly print: (text: string) => void;
  readonly lookMs?: number | undefined;
}

/** Gives the order, and shows how far it is. Answers the exit code. @throws AdminRefused */
export async function zoneCommand(nodes: Nodes, args: ZoneArguments, way: Way): Promise<number> {
  try {
    const follow = args.command === "drain" ? await drain(nodes, args, way) : await rebalance(nodes, args, way);
    return await followUntilDone(follow, args, way);
  } catch (error) {
    throw error instanceof ProtocolError ? new AdminRefused(error.message) : error;
  }
}

async function drain(nodes: Nodes, { zone, isUndo, isJson }: DrainArguments, { print }: Way): Promise<Follow> {
  const changed = isUndo ? await nodes.undrain(zone, OPERATOR) : await nodes.drain(zone, OPERATOR);
  const state = isUndo ? "serving" : "drained";
  const sentence = isUndo ? `zone ${zone} is to serve again` : `zone ${zone} is to be drained`;
  print(
    isJson ? line({ kind: "ordered", zone, drained: !isUndo, changed }) : `${sentence}${changed ? "" : " already"}\n`,
  );
  return {
    async look() {
      const processes = await processesOf(nodes);
      return progress(
        // One that is drained alone stays so.
        processes.filter((process) => process.zone === zone && !(isUndo && process.drained)),
        (process) => process.state !== state,
      );
    },
    left: ({ state: now, connections, shards }) => `${now}, ${connections} connections, ${shards} shards`,
    done: `zone ${zone} ${isUndo ? "serves" : "is drained"}`,
  };
}

async function rebalance(nodes: Nodes, { maxShare, isJson }: RebalanceArguments, { print }: Way): Promise<Follow> {
  const moves = await nodes.rebalance(maxShare, OPERATOR);
  const names = moves.map(({ node }) => node);
  const told = moves.map((move) => `${move.node} is asked to move ${move.moves} of ${move.connections} connections\n`);
  print(isJson ? line({ kind: "ordered", moves }) : told.join(""));
  return {
    async look() {
      const processes = await processesOf(nodes);
      return progress(
        processes.filter(({ name }) => names.includes(name)),
        ({ moving }) => moving > 0,
      );
    },
    left: ({ moving, connections }) => `${moving} connections to move, ${connections} open`,
    done: "the connections have moved",
  };
}

async function processesOf(nodes: Nodes): Promise<readonly (Process & { readonly zone: string })[]> {
  const zones = zonesOf(await nodes.list(), []);
  return zones.flatMap(({ zone, processes }) => processes.map((process) => ({ ...process, zone })));
}

function progress(processes: readonly Process[], isWaiting: (process: Process) => boolean): Progress {
  const all = processes.filter(({ silent }) => !silent);
  const silent = processes.filter((process) => process.silent).map(({ name }) => name);
  return { all, waiting: all.filter(isWaiting), silent };
}

async function followUntilDone(follow: Follow, { isJson, timeoutMs }: ZoneArguments, way: Way): Promise<number> {
  const begun = performance.now();
  let shown = "";
  for (;;) {
    const now = await follow.look();
    const ms = performance.now() - begun;
    const kind = now.waiting.length === 0 ? "done" : ms >= timeoutMs ? "late" : "progress";
    const text = describe(follow, now);
    const seconds = Math.round(ms / 1_000);
    const { waiting, silent } = now;
    if (text !== shown || kind === "late")
      way.print(
        isJson
          ? line({ kind, seconds, waiting, silent })
          : `${seconds} s: ${text}${kind === "late" ? "; it goes on" : ""}\n`,
      );
    if (kind !== "progress") return EXIT[kind];
    shown = text;
    await delay(way.lookMs ?? LOOK_MS);
  }
}

function describe({ left, done }: Follow, { all, waiting, silent }: Progress): string {
  const lefts = waiting.map((process) => `${process.name} (${left(process)})`).join("; ");
  const text =
    waiting.length === 0 ? done : `${all.length - waiting.length} of ${all.length} processes are done: ${lefts}`;
  return silent.length === 0 ? text : `${text}; no news of ${silent.join(", ")}`;
}

function line(record: object): string {
  return `${harmlessJson(record)}\n`;
}
