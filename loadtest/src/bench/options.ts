import { parseArgs } from "node:util";
import { type Extent, STANDARD } from "./bench.ts";

/** What the command line asks for. */
export interface Options {
  /** All when none is named. */
  readonly rows: readonly string[];
  readonly extent: Extent;
  /** Parts of names of contenders that stay away, in lower case. */
  readonly without: readonly string[];
  /** Directory of the report; null: it is only printed. */
  readonly out: string | null;
}

/** What is wrong with the command line. */
export class BadOptions extends Error {
  override readonly name = "BadOptions";
}

export const USAGE = `usage: npm run bench -- [options] [row ...]
       npm run bench -- compare COMMIT    (CPU of that commit and of this one)

  --rounds N         rounds of each row (${STANDARD.rounds})
  --warmup S         seconds of warm-up (${STANDARD.warmupMs / 1_000})
  --window S         seconds of a window (${STANDARD.windowMs / 1_000}; latency ${STANDARD.latencyWindowMs / 1_000})
  --connections N    idle connections of the memory row (${STANDARD.connections})
  --settle S,S,…     when the memory row reads, in seconds (${STANDARD.settleMs.map((ms) => ms / 1_000).join(",")})
  --clients N        clients of the killed node in the storm row (${STANDARD.clients})
  --overload S       seconds of overload (${STANDARD.overloadMs / 1_000})
  --without NAME     leaves out the contenders with this in their names; may be repeated
  --out DIR          writes bench.md and bench.json there

Without options the report goes to loadtest/results. With any other option it is only printed, unless --out is given.
`;

const MS_PER_SECOND = 1_000;
const TEXT = { type: "string" } as const;
const KNOWN = {
  rounds: TEXT,
  warmup: TEXT,
  window: TEXT,
  connections: TEXT,
  settle: TEXT,
  clients: TEXT,
  overload: TEXT,
  out: TEXT,
  without: { type: "string", multiple: true },
} as const;

/** `results`: where the report of a standard run goes. @throws BadOptions */
export function readOptions(args: readonly string[], knownRows: readonly string[], results: string): Options {
  const { values, rows } = parse(args);
  const unknown = rows.filter((name) => !knownRows.includes(name));
  if (unknown.length > 0) {
    throw new BadOptions(`no such row: ${unknown.join(", ")}; there are ${knownRows.join(", ")}`);
  }
  const window = values.window === undefined ? {} : windowOf(milliseconds("window", values.window));
  const extent: Extent = {
    ...STANDARD,
    ...window,
    ...given("rounds", values.rounds, whole),
    ...given("connections", values.connections, whole),
    ...given("clients", values.clients, whole),
    ...(values.warmup === undefined ? {} : { warmupMs: milliseconds("warmup", values.warmup) }),
    ...(values.overload === undefined ? {} : { overloadMs: milliseconds("overload", values.overload) }),
    ...(values.settle === undefined
      ? {}
      : { settleMs: values.settle.split(",").map((text) => milliseconds("settle", text)) }),
  };
  const without = (values.without ?? []).map((name) => name.toLowerCase());
  const isStandard = without.length === 0 && JSON.stringify(extent) === JSON.stringify(STANDARD);
  return {
    rows: rows.length === 0 ? knownRows : rows,
    extent,
    without,
    out: values.out ?? (isStandard ? results : null),
  };
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: KNOWN, allowPositionals: true });
    return { values, rows: positionals };
  } catch (error) {
    throw new BadOptions(error instanceof Error ? error.message : String(error));
  }
}

function windowOf(windowMs: number): Pick<Extent, "windowMs" | "latencyWindowMs"> {
  return { windowMs, latencyWindowMs: windowMs };
}

function given<Name extends keyof Extent>(
  name: Name,
  text: string | undefined,
  read: (name: string, text: string) => number,
): { [Key in Name]?: number } {
  return text === undefined ? {} : ({ [name]: read(name, text) } as { [Key in Name]?: number });
}

/** @throws BadOptions */
export function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new BadOptions(`--${name} takes a whole number above 0`);
  return value;
}

/** Of seconds. @throws BadOptions */
export function milliseconds(name: string, text: string): number {
  const value = Number(text);
  if (text === "" || !(value >= 0)) throw new BadOptions(`--${name} takes seconds`);
  return value * MS_PER_SECOND;
}
