import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Machine, Versions } from "./measure/machine.ts";
import type { BenchGroup, BenchRow } from "./measure/result.ts";

export interface Report {
  readonly machine: Machine;
  readonly versions: Versions;
  readonly groups: readonly BenchGroup[];
}

const JSON_FILE = "bench.json";
const MARKDOWN_FILE = "bench.md";

/**
 * Writes bench.json and bench.md into the directory. Groups that were not measured this time stay as they were, with their dates,
 * when machine and versions are the same; else they are dropped, for they could not be compared.
 */
export async function saveReport(directory: string, report: Report, order: readonly string[]): Promise<void> {
  const kept = await groupsToKeep(directory, report);
  const groups = [...report.groups, ...kept].toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, JSON_FILE), `${JSON.stringify({ ...report, groups }, null, 2)}\n`);
  await writeFile(join(directory, MARKDOWN_FILE), markdown({ ...report, groups }));
}

function markdown({ machine, versions, groups }: Report): string {
  const { cpu, cores, memoryGiB, kernel } = machine;
  const versionLine = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# Bench",
    "",
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}; everything on the loopback interface of this one machine.`,
    "",
    `Versions: ${versionLine.join(", ")}.`,
    "",
    "How each figure is measured, and what it does not say: [loadtest/README.md](../README.md).",
    "",
    ...tableOf(groups.flatMap(({ rows }) => rows)),
    ...groups.flatMap(sectionOf),
  ].join("\n");
}

/** Only the table, for the terminal. */
export function tableOf(rows: readonly BenchRow[]): string[] {
  const head = ["what", "unit", "Hubbub", "baseline in the same run", "ratio", "to reach", "reached", "others (cores)"];
  const cells = rows.map((row) => [
    row.what,
    row.unit,
    row.hubbub,
    row.baseline,
    row.ratio,
    row.target,
    verdictOf(row),
    row.others,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...cells.map(line), ""];
}

export function sectionOf({ title, date, machine, conditions, rows, notes }: BenchGroup): string[] {
  const losses = new Set(rows.flatMap(({ what, loss }) => (loss === null ? [] : [`- **Loss** in ${what}: ${loss}`])));
  return [
    `## ${title}`,
    "",
    `Measured ${date}. ${machine}`,
    "",
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

async function groupsToKeep(directory: string, { machine, versions, groups }: Report): Promise<BenchGroup[]> {
  const before = await readReport(directory);
  if (before === null) return [];
  const sameGround = JSON.stringify([before.machine, before.versions]) === JSON.stringify([machine, versions]);
  const measured = new Set(groups.map(({ name }) => name));
  return sameGround ? before.groups.filter(({ name }) => !measured.has(name)) : [];
}

async function readReport(directory: string): Promise<Report | null> {
  try {
    return JSON.parse(await readFile(join(directory, JSON_FILE), "utf8")) as Report;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
