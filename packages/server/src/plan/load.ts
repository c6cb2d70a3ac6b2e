import { parseArgs } from "node:util";

/** What a cluster has to carry. */
export interface Load {
  readonly online: number;
  readonly rooms: number;
  /** Messages, at the busiest time. */
  readonly perSecond: number;
  /** The mean over a whole day; default a third. */
  readonly meanPerSecond: number;
  /** Bytes of a text. */
  readonly text: number;
  readonly days: number;
  /** Connections that a message reaches; default as if everybody had three rooms. */
  readonly listeners: number;
}

/** For the machine of Postgres; of one machine of the others, its cores. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface PlanArguments {
  readonly load: Load;
  readonly machine: Machine;
  readonly print: "text" | "json" | "compose" | "postgres";
  /** A bench.json. */
  readonly bench: string | undefined;
}

export const PLAN_USAGE = `usage: hubbub plan --online 200k --rooms 20k --per-second 3000 --text 200 --days 365
  how many processes, how much memory, disk and network a load needs, and which bound comes first. Asks no server.

  --mean-per-second N  messages over a whole day (a third of --per-second)
  --listeners N        connections that a message reaches (as if everybody had three rooms)
  --cores N, --memory N  of the machine of Postgres (those of this machine); --memory 64G
  --bench FILE         loadtest/results/bench.json of your machine, in the place of the figures of this package
  --json, --compose (lines for compose.env and redis.conf), --postgres (a postgresql.conf)
`;

const ROOMS_PER_USER = 3;
const PEAK = 3;
const SUFFIX: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };
const BINARY: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const MAX = 1e12;

/** `200k`, `1.5m`. null: no number, or one beyond all sense. */
export function parseCount(text: string, suffixes = SUFFIX): number | null {
  const found = /^(\d+(?:\.\d+)?)([a-z]?)$/i.exec(text);
  const factor = suffixes[found?.[2]?.toLowerCase() ?? "-"];
  const value = Number(found?.[1]) * (factor ?? Number.NaN);
  return value > 0 && value <= MAX * (suffixes === BINARY ? 1_000 : 1) ? value : null;
}

const OPTIONS = {
  online: { type: "string", default: "1k" },
  rooms: { type: "string", default: "100" },
  "per-second": { type: "string", default: "10" },
  text: { type: "string", default: "200" },
  days: { type: "string", default: "365" },
  "mean-per-second": { type: "string" },
  listeners: { type: "string" },
  cores: { type: "string" },
  memory: { type: "string" },
  bench: { type: "string" },
  json: { type: "boolean" },
  compose: { type: "boolean" },
  postgres: { type: "boolean" },
} as const;

/** null: not what the command takes. `here`: this machine. */
export function parsePlanArguments(args: readonly string[], here: Machine): PlanArguments | null {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const count = (given: string | undefined, otherwise: number) =>
      given === undefined ? otherwise : parseCount(given);
    const [online, rooms, perSecond] = [
      count(values.online, 0),
      count(values.rooms, 0),
      count(values["per-second"], 0),
    ];
    if (online === null || rooms === null || perSecond === null) return null;
    const load = {
      ...{ online, rooms, perSecond, text: count(values.text, 0), days: count(values.days, 0) },
      meanPerSecond: count(values["mean-per-second"], perSecond / PEAK),
      listeners: count(values.listeners, Math.min(online, Math.max(1, (online * ROOMS_PER_USER) / rooms))),
    };
    const memoryBytes = values.memory === undefined ? here.memoryBytes : parseCount(values.memory, BINARY);
    const machine = { cores: count(values.cores, here.cores), memoryBytes };
    const prints = (["json", "compose", "postgres"] as const).filter((name) => values[name] === true);
    const isWhole = [...Object.values(load), ...Object.values(machine)].every((value) => value !== null);
    if (!isWhole || prints.length > 1) return null;
    return { load: load as Load, machine: machine as Machine, print: prints[0] ?? "text", bench: values.bench };
  } catch {
    return null;
  }
}
