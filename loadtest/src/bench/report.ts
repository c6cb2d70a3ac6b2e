import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { differenceOf, type Origin, UNKNOWN_COMMIT } from "./measure/origin.ts";
import type { BenchGroup, BenchRow } from "./measure/result.ts";

/** Rows of one run. */
export interface Report extends Origin {
  readonly groups: readonly BenchGroup[];
}

interface SavedGroup extends BenchGroup {
  readonly origin: Origin;
}

/** The origin is that of the latest run; each group has its own beside it. */
interface SavedReport extends Origin {
  readonly groups: readonly SavedGroup[];
}

const JSON_FILE = "bench.json";
const MARKDOWN_FILE = "bench.md";
const DAY_LENGTH = "2026-01-01".length;

/**
 * Writes bench.json and bench.md into the directory. Groups that were not measured this time stay as they were, with the date, commit,
 * machine and versions of their own run; bench.md marks them where these differ from the ones of this run.
 */
export async function saveReport(directory: string, report: Report, order: readonly string[]): Promise<void> {
  const { groups, ...origin } = report;
  const measured = new Set(groups.map(({ name }) => name));
  const kept = (await readGroups(directory)).filter(({ name }) => !measured.has(name));
  const all = [...groups.map((group) => ({ ...group, origin })), ...kept];
  const saved = { ...origin, groups: all.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)) };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, JSON_FILE), `${JSON.stringify(saved, null, 2)}\n`);
  await writeFile(join(directory, MARKDOWN_FILE), markdown(saved));
}

function markdown(report: SavedReport): string {
  const { groups } = report;
  const measuredOf = ({ date, origin }: SavedGroup): string => {
    const difference = differenceOf(origin, report);
    return `${date.slice(0, DAY_LENGTH)}, ${origin.commit}${difference === null ? "" : ` (${difference})`}`;
  };
  return [
    "# Bench",
    "",
    `Latest run: ${originLine(report)}`,
    "",
    "Rows of earlier runs stay until they are measured again. The column *measured* marks those of an older commit, of another machine or kernel, or of other versions: compare them only within their run.",
    "",
    "How each figure is measured, and what it does not say: [loadtest/README.md](../README.md).",
    "",
    ...tableOf(
      groups.flatMap(({ rows }) => rows),
      groups.flatMap((group) => group.rows.map(() => measuredOf(group))),
    ),
    ...groups.flatMap((group) => sectionOf(group, differenceOf(group.origin, report) === null ? [] : [group.origin])),
  ].join("\n");
}

function originLine({ commit, machine, versions }: Origin): string {
  const { cpu, cores, memoryGiB, kernel } = machine;
  const versionLine = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `commit ${commit}; ${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}; everything on the loopback interface of this one machine; ${versionLine.join(", ")}.`;
}

/** `measured`: when and at which commit, row by row; a table for the terminal leaves that out. */
export function tableOf(rows: readonly BenchRow[], measured?: readonly string[]): string[] {
  const head = ["what", "unit", "Hubbub", "baseline in the same run", "ratio", "to reach", "reached", "others (cores)"];
  if (measured !== undefined) head.push("measured");
  const cells = rows.map((row, at) => [
    row.what,
    row.unit,
    row.hubbub,
    row.baseline,
    row.ratio,
    row.target,
    verdictOf(row),
    row.others,
    ...(measured === undefined ? [] : [measured[at] ?? ""]),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...cells.map(line), ""];
}

/** `origins`: of a group of an earlier run. */
export function sectionOf(
  { title, date, machine, conditions, rows, notes }: BenchGroup,
  origins: readonly Origin[] = [],
): string[] {
  const losses = new Set(rows.flatMap(({ what, loss }) => (loss === null ? [] : [`- **Loss** in ${what}: ${loss}`])));
  return [
    `## ${title}`,
    "",
    `Measured ${date}. ${machine}`,
    "",
    ...origins.map((origin) => `- **An earlier run:** ${originLine(origin)}`),
    ...conditions.map((text) => `- ${text}`),
    ...notes.map((text) => `- ${text}`),
    ...losses,
    "",
  ];
}

function verdictOf({ reached, loss }: BenchRow): string {
  if (loss !== null) return "no: loss";
  return reached === null ? "–" : reached ? "yes" : "no";
}

/** Those of a file without origins have the one of the file. */
async function readGroups(directory: string): Promise<SavedGroup[]> {
  const before = await readReport(directory);
  if (before === null) return [];
  const { groups, commit = UNKNOWN_COMMIT, machine, versions } = before;
  return groups.map((group) => ({ origin: { commit, machine, versions }, ...group }));
}

type OlderReport = Partial<Pick<Origin, "commit">> &
  Omit<Origin, "commit"> & { readonly groups: readonly (BenchGroup & { readonly origin?: Origin })[] };

async function readReport(directory: string): Promise<OlderReport | null> {
  try {
    return JSON.parse(await readFile(join(directory, JSON_FILE), "utf8")) as OlderReport;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
