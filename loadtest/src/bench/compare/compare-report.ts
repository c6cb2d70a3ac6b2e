import type { Machine, Versions } from "../measure/machine.ts";
import { othersOf } from "../measure/machine-load.ts";
import type { ComparedLoad } from "./compare.ts";
import { isAtMost, ratioOf, type WindowPair } from "./ratio.ts";

export interface CompareReport {
  readonly machine: Machine;
  readonly versions: Versions;
  /** Of both builds: hash and subject. */
  readonly before: string;
  readonly after: string;
  /** Load averages before and after. */
  readonly loadAverages: readonly [string, string];
  readonly conditions: string;
  readonly loads: readonly ComparedLoad[];
}

/** After to before. */
const BOUND = 1.03;
const GENERATOR = "generator";

export function compareMarkdown(report: CompareReport): string {
  const { machine, versions, before, after, loads } = report;
  const versionLine = ["node", "redis", "postgres"].map((name) => `${name} ${versions[name] ?? "unknown"}`).join(", ");
  const losses = loads.flatMap(({ what, pairs }) =>
    pairs
      .flatMap((pair) => [pair.before, pair.after])
      .flatMap(({ loss }) => (loss === null ? [] : [`- **Loss** in ${what}: ${loss}`])),
  );
  return [
    "# Before and after",
    "",
    `Before: ${before}. After: ${after}. Measured ${new Date().toISOString()}.`,
    "",
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}; ${versionLine}.`,
    `Load averages before the run: ${report.loadAverages[0]}; after: ${report.loadAverages[1]}.`,
    "",
    ...compareTable(loads),
    "",
    report.conditions,
    "",
    ...loads.map(partsLine),
    ...losses,
    "",
  ].join("\n");
}

export function compareTable(loads: readonly ComparedLoad[]): string[] {
  const head = ["load", "CPU µs per", "before", "after", "ratio", "pairs", `≤ ${BOUND}`, "others (cores)"];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...loads.map((load) => line(cellsOf(load)))];
}

function cellsOf({ what, each, isJudged, pairs }: ComparedLoad): string[] {
  const ratio = ratioOf(pairs.map((pair) => partsOf(pair, () => true)));
  const isLossless = pairs.every(({ before, after }) => before.loss === null && after.loss === null);
  return [
    what,
    each,
    digits(ratio.before),
    digits(ratio.after),
    `${ratio.mean.toFixed(3)} ± ${ratio.margin.toFixed(3)}`,
    `${pairs.length}: ${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)}`,
    isJudged ? (isLossless ? isAtMost(ratio, BOUND) : "no: loss") : "–",
    [othersOf(pairs.map(({ before }) => before)), othersOf(pairs.map(({ after }) => after))].join(" / "),
  ];
}

/** Process by process. */
function partsLine({ what, each, pairs }: ComparedLoad): string {
  const names = Object.keys(pairs[0]?.before.cpu ?? {}).filter((name) => name !== GENERATOR);
  const parts = names.map((name) => {
    const ratio = ratioOf(pairs.map((pair) => partsOf(pair, (part) => part === name)));
    return `${name} ${digits(ratio.before)} → ${digits(ratio.after)} (${ratio.mean.toFixed(3)} ± ${ratio.margin.toFixed(3)})`;
  });
  return `- ${what}, µs per ${each}: ${parts.join(", ")}`;
}

function partsOf({ before, after }: ComparedLoad["pairs"][number], counts: (name: string) => boolean): WindowPair {
  const windowOf = ({ cpu, count, machine }: typeof before) => ({
    cpuSeconds: Object.entries(cpu)
      .filter(([name]) => name !== GENERATOR && counts(name))
      .reduce((sum, [, seconds]) => sum + seconds, 0),
    count,
    machine,
  });
  return { before: windowOf(before), after: windowOf(after) };
}

function digits(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1);
}
