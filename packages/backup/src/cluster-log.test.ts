import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalObjects } from "@hubbub/files";
import { expect, onTestFinished, test } from "vitest";
import type { Catalogue } from "./catalogue.ts";
import { lacksOfLog } from "./cluster-log.ts";

const MIB_16 = 16 * 1_048_576;
const LIFE = { cluster: "c1", generation: 0 };
const ID = "20261127T100000Z-0000";
const segment = (number: number) => `00000001000000000000000${number}`;

function backup(start: string, end: string): Catalogue {
  const wal = { timeline: 1, start, end, segmentBytes: MIB_16 };
  // What else it has is of no account here.
  return { ...LIFE, id: ID, takenAt: "2026-11-27T10:00:00.000Z", wal } as Catalogue;
}

/** What a target with these files of the log says that the backup lacks. */
async function lacks(files: readonly string[], { wanted = "latest", end = "0/3000158" } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-log-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await using objects = await openLocalObjects(folder);
  const put = (name: string, text: string) =>
    objects.put(
      `wal/c1-0/${name}`,
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
  for (const name of files) await put(`${name}.gz`, "");
  if (files.length > 0) await put("shipped.json", '{"at":"2026-11-27T09:59:58.000Z"}');
  const how = wanted === "latest" ? wanted : { id: wanted };
  return (await lacksOfLog(objects, backup("0/3000028", end), how)).join();
}

test("a base whose log has not arrived is refused with what is there, though the segment was begun before", async () => {
  for (const wanted of ["latest", ID])
    for (const before of [[segment(2)], [segment(2), `${segment(3)}.partial`]]) {
      const said = await lacks(before, { wanted });
      expect(said).toContain(`the log that ${ID} needs has not arrived: 1 segments from 0/3000028 to 0/3000158`);
      expect(said).toContain("the target has log up to 2026-11-27T09:59:58.000Z");
      expect(said).toContain("with --to TIME before 2026-11-27T09:59:58.000Z");
    }
  const none = await lacks([]);
  expect(none).toContain("the target has no log.");
  expect(none).toContain("with --to TIME before 2026-11-27T10:00:00.000Z");
  expect(await lacks([segment(3)], { end: "0/5000158" })).toContain("2 segments from 0/3000028 to 0/5000158");
});

test("a base whose last segment is whole can be restored, with and without more behind it", async () => {
  for (const wanted of ["latest", ID]) {
    expect(await lacks([segment(3)], { wanted })).toBe("");
    expect(await lacks([segment(3), `${segment(4)}.partial`], { wanted })).toBe("");
    // The base ends with the last byte of its segment.
    expect(await lacks([segment(3)], { wanted, end: "0/4000000" })).toBe("");
  }
});

test("a hole is told apart from log that has not arrived, and one behind the base harms the latest state alone", async () => {
  expect(await lacks([segment(4)])).toContain("has a hole: 1 segments are missing behind 0/3000028 (numbers 3)");
  expect(await lacks([segment(3), segment(5)])).toContain("(numbers 4)");
  expect(await lacks([segment(3), segment(5)], { wanted: ID })).toBe("");
  expect(await lacks([segment(3), `${segment(5)}.partial`])).toContain("(numbers 4)");
});
