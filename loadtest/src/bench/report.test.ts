import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BenchGroup } from "./measure/result.ts";
import { type Report, saveReport } from "./report.ts";

const ORDER = ["accept", "storm", "search"];
const MACHINE = { cpu: "A processor", cores: 2, memoryGiB: 24, kernel: "6.1" };
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-report-"));
});
afterEach(() => rm(directory, { recursive: true }));

function group(name: string, hubbub: string, date = "2026-03-02T10:00:00.000Z"): BenchGroup {
  const row = { what: name, unit: "s", baseline: "–", ratio: "–", target: "–", reached: null, loss: null, others: "0" };
  return { name, title: name, date, conditions: [], rows: [{ ...row, hubbub }], machine: "", notes: [] };
}

const report = (commit: string, groups: BenchGroup[], machine = MACHINE): Report => ({
  commit,
  machine,
  versions: { node: "20" },
  groups,
});
const save = (saved: Report): Promise<void> => saveReport(directory, saved, ORDER);
const lines = async (): Promise<string[]> => (await readFile(join(directory, "bench.md"), "utf8")).split("\n");
const rowOf = async (name: string): Promise<string> =>
  (await lines()).find((line) => line.startsWith(`| ${name} `)) ?? "";

test("a run of some rows replaces these and keeps the others, marked with commit and date", async () => {
  await save(report("aaaa", [group("storm", "1.5"), group("accept", "2.5")]));
  await save(report("bbbb", [group("storm", "3.5", "2026-03-04T10:00:00.000Z")]));
  expect(await rowOf("accept")).toMatch(/2\.5 .*2026-03-02, aaaa \(older commit\) *\|$/);
  expect(await rowOf("storm")).toMatch(/3\.5 .*2026-03-04, bbbb *\|$/);
  expect((await lines()).filter((line) => line.startsWith("## "))).toEqual(["## accept", "## storm"]);
  expect((await lines()).filter((line) => line.includes("An earlier run"))).toHaveLength(1);
});

test("rows of another machine stay, with their machine, through several runs", async () => {
  await save(report("aaaa", [group("accept", "2.5")], { ...MACHINE, kernel: "5.9" }));
  await save(report("aaaa", [group("storm", "3.5")]));
  await save(report("bbbb", [group("search", "4.5")]));
  expect(await rowOf("accept")).toContain("aaaa (older commit, another machine or kernel)");
  expect(await rowOf("storm")).toContain("aaaa (older commit)");
  expect((await lines()).find((line) => line.includes("An earlier run"))).toContain("commit aaaa; A processor");
  expect((await lines()).find((line) => line.includes("An earlier run"))).toContain("Linux 5.9");
});

test("rows of a report without commits are kept with its machine", async () => {
  const { commit: _, ...older } = report("", [group("accept", "2.5")]);
  await writeFile(join(directory, "bench.json"), JSON.stringify(older));
  await save(report("bbbb", [group("storm", "3.5")]));
  expect(await rowOf("accept")).toMatch(/2\.5 .*unknown \(older commit\) *\|$/);
});
