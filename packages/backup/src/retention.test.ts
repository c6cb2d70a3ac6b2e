import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import type { Objects } from "@hubbub/files";
import { expect, test } from "vitest";
import { backupAt, catalogueOf } from "../test/samples.ts";
import { catalogueName } from "./catalogue.ts";
import type { Listed } from "./catalogues.ts";
import { contentName } from "./content.ts";
import { outdated, retain } from "./retention.ts";

const DAY_MS = 86_400_000;
const { cluster: CLUSTER } = catalogueOf();
const EMPTY = gzipSync("").toString("latin1");
const NEWEST = Date.UTC(2026, 10, 27, 3);

/** One a day at three, and a second one on the last day. */
function daily(days: number, testedDaysAgo: number | null = null) {
  const past = Array.from({ length: days }, (_, index) => days - 1 - index);
  return past.map((ago) => backupAt(new Date(NEWEST - ago * DAY_MS).toISOString(), ago === testedDaysAgo));
}

const kept = (backups: ReturnType<typeof daily>) => {
  const gone = outdated(backups);
  return backups.filter((backup) => !gone.includes(backup)).map(({ catalogue }) => catalogue.takenAt.slice(0, 10));
};

test("7 daily, 5 weekly and 12 monthly backups stay of 400 days", () => {
  const months = ["2025-12-31", ...monthEnds()];
  const weeks = ["2026-11-01", "2026-11-08", "2026-11-15", "2026-11-22"];
  const days = ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"];
  expect(kept(daily(400))).toEqual([...new Set([...months, ...weeks, ...days])].sort());
});

function monthEnds(): string[] {
  return Array.from({ length: 10 }, (_, month) => new Date(Date.UTC(2026, month + 1, 0)).toISOString().slice(0, 10));
}

test("the newest backup that was tested stays, however old it is", () => {
  expect(kept(daily(400, 393))).toContain("2025-10-30");
  expect(kept(daily(400))).not.toContain("2025-10-30");
});

test("all of the last 24 hours stay, and of an earlier day the newest", () => {
  const hours = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      backupAt(new Date(NEWEST - (count - 1 - index) * 3_600_000).toISOString()),
    );
  expect(kept(hours(24))).toHaveLength(24);
  const gone = outdated(hours(30)).map(({ catalogue }) => catalogue.takenAt.slice(0, 13));
  const day = ["00", "01", "02", "03"].map((hour) => `2026-11-26T${hour}`);
  expect(gone).toEqual(["2026-11-25T22", ...day]);
  expect(outdated([])).toEqual([]);
});

test("the log stays from the oldest base of the last days on, and of an older base as far as the base needs it", async () => {
  const names = (numbers: readonly number[], generation = 1) =>
    numbers.map((number) => `wal/${CLUSTER}-${generation}/00000001000000000000000${number}.gz`);
  const base = (takenAt: string, start: number, end: number): Listed => {
    const wal = { timeline: 1, start: `0/${start}000028`, end: `0/${end}000100`, segmentBytes: 16_777_216 };
    return { catalogue: { ...backupAt(takenAt).catalogue, kind: "cluster", wal }, isTested: false };
  };
  const backups = [
    base("2026-10-31T03:00:00.000Z", 1, 2),
    base("2026-11-26T03:00:00.000Z", 4, 5),
    base("2026-11-27T03:00:00.000Z", 6, 6),
  ];
  const catalogues = backups.map(({ catalogue }) => [catalogueName(catalogue.id), JSON.stringify(catalogue)] as const);
  const kept = new Map<string, string>(catalogues);
  for (const name of [...names([1, 2, 3, 4, 5, 6, 7]), ...names([8], 0), `wal/${CLUSTER}-1/shipped.json`])
    kept.set(name, "");
  const now = NEWEST + 3 * DAY_MS;
  const left = () => [...kept.keys()].filter((name) => name.startsWith("wal/"));
  const all = left();
  // A backup that is being written may need anything.
  const written = new Date(now - DAY_MS / 2).toISOString().replace(/\.\d+|[-:]/g, "");
  kept.set(`backups/${written}-cd34/base.tar.gz`, "");
  expect(await retain(objectsIn(kept), CLUSTER, now)).toEqual([]);
  expect(left()).toEqual(all);
  expect(await retain(objectsIn(kept), CLUSTER, now + 2 * DAY_MS)).toEqual([]);
  expect([...kept.keys()].filter((name) => name.includes(written))).toEqual([]);
  expect(left()).toEqual([...names([1, 2, 4, 5, 6, 7]), `wal/${CLUSTER}-1/shipped.json`]);
});

test("the log in front of the first base of a generation stays while an earlier one can be in progress", async () => {
  const names = [5, 8, 9].map((number) => `wal/${CLUSTER}-1/00000001000000000000000${number}.gz`);
  const wal = { timeline: 1, start: "0/9000028", end: "0/9000100", segmentBytes: 16_777_216 };
  const { catalogue } = backupAt(new Date(NEWEST).toISOString());
  const kept = new Map([[catalogueName(catalogue.id), JSON.stringify({ ...catalogue, kind: "cluster", wal })]]);
  for (const name of names) kept.set(name, "");
  await retain(objectsIn(kept), CLUSTER, NEWEST + DAY_MS);
  expect([...kept.keys()].slice(1)).toEqual(names);
  await retain(objectsIn(kept), CLUSTER, NEWEST + 2 * DAY_MS);
  expect([...kept.keys()].slice(1)).toEqual(names.slice(-1));
});

test("what a target has of another cluster stays, and does not make its own older", async () => {
  const of = (takenAt: string, cluster: string) => ({ ...backupAt(takenAt).catalogue, cluster });
  const mine = ["2026-11-01T03:00:00.000Z", "2026-11-01T04:00:00.000Z", "2026-11-20T03:00:00.000Z"];
  const other = ["2026-11-02T03:00:00.000Z", "2026-11-02T04:00:00.000Z", "2026-11-20T09:00:00.000Z"];
  const all = [...mine.map((at) => of(at, CLUSTER)), ...other.map((at) => of(at, "77"))];
  const log = `wal/77-0/000000010000000000000001.gz`;
  const written = all.map((one) => [catalogueName(one.id), JSON.stringify(one)] as const);
  const kept = new Map<string, string>([...written, [log, ""]]);
  expect(await retain(objectsIn(kept), CLUSTER, NEWEST)).toEqual(["20261101T030000Z-ab12"]);
  expect([...kept.keys()].filter((name) => name.endsWith("backup.json"))).toHaveLength(5);
  expect([...kept.keys()]).toContain(log);
});

test("content that no list names goes when it was without a name two days before", async () => {
  const [listed, uploaded] = ["a".repeat(64), "b".repeat(64)] as const;
  const { catalogue } = backupAt(new Date(NEWEST).toISOString());
  const list = (...keys: string[]) =>
    gzipSync(keys.map((key) => `{"key":"${key}","bytes":1}\n`).join("")).toString("latin1");
  const name = `backups/${catalogue.id}/files.ndjson.gz`;
  const kept = new Map<string, string>([
    ...([[catalogueName(catalogue.id), JSON.stringify(catalogue)]] as const),
    ...([[name, list(listed)]] as const),
    ...[listed, uploaded].map((key) => [contentName(key), ""] as const),
  ]);
  const left = async (day: number) => {
    await retain(objectsIn(kept), CLUSTER, NEWEST + day * DAY_MS);
    return [listed, uploaded].filter((key) => kept.has(contentName(key)));
  };
  expect(await left(1)).toEqual([listed, uploaded]);
  kept.set(name, list(listed, uploaded));
  expect(await left(2)).toEqual([listed, uploaded]);
  kept.set(name, list(listed));
  expect(await left(4)).toEqual([listed, uploaded]);
  expect(await left(5.9)).toEqual([listed, uploaded]);
  expect(await left(6)).toEqual([listed]);
});

function objectsIn(kept: Map<string, string>): Objects {
  return {
    put: async (name, chunks) => void kept.set(name, await text(chunks)),
    read: async (name) => Readable.from([Buffer.from(kept.get(name) ?? EMPTY, "latin1")]),
    async *list(folder) {
      for (const [name, text] of kept) if (name.startsWith(folder)) yield { name, bytes: text.length };
    },
    remove: async (name) => void kept.delete(name),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
