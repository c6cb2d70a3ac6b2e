import { expect, test } from "vitest";
import { catalogueOf } from "../test/samples.ts";
import { BadCatalogue, catalogueName, newId, readCatalogue, writeCatalogue } from "./catalogue.ts";
import { choose, parseWanted } from "./choose.ts";
import { RestoreRefused } from "./refusals.ts";

const WHERE = catalogueName(catalogueOf().id);
const written = () => Buffer.from(writeCatalogue(catalogueOf())).toString("utf8");

test("a catalogue is read as it was written", () => {
  expect(readCatalogue(written(), WHERE)).toEqual(catalogueOf());
});

test.each([
  ["a newer format", (text: string) => text.replace('"format": 1', '"format": 2'), /format 2.*use a newer build/],
  ["no JSON", (text: string) => text.slice(0, -9), /is no JSON/],
  ["a hash that is none", (text: string) => text.replaceAll("aaaa", "zzzz"), /backup.json: database.sha256/],
  ["a part outside of the folder", (text: string) => text.replace("database.tar.gz", "../../x"), /: database.name/],
  ["a part that is a folder", (text: string) => text.replace("database.tar.gz", ".."), /: database.name/],
  ["a copy", (text: string) => text.replace(/"id": "\d/, '"id": "1'), /is the catalogue of 1\S+: remove the copy/],
])("%s is refused with what is wrong", (_what, change, message) => {
  expect(() => readCatalogue(change(written()), WHERE)).toThrow(BadCatalogue);
  expect(() => readCatalogue(change(written()), WHERE)).toThrow(message);
});

test("ids are in the order of time", () => {
  const early = newId(new Date("2026-11-27T09:46:00.900Z"));
  expect(early).toMatch(/^20261127T094600Z-[0-9a-f]{4}$/);
  expect(early < newId(new Date("2026-11-27T09:46:01Z"))).toBe(true);
});

test("a backup is chosen as the newest, by its id, or as the newest before a time", () => {
  const at = (hour: string) =>
    catalogueOf({ id: `20261127T${hour}0000Z-ab12`, takenAt: `2026-11-27T${hour}:00:00.000Z` });
  const listing = { backups: ["08", "09", "10"].map((hour) => ({ catalogue: at(hour), isTested: false })), faults: [] };
  const chosen = (text: string) => choose(listing, parseWanted(text) ?? "latest", "embedded").id.slice(9, 11);
  expect(chosen("latest")).toBe("10");
  expect(chosen("20261127T080000Z-ab12")).toBe("08");
  expect(chosen("2026-11-27T09:59:59Z")).toBe("09");
  expect(parseWanted("2026-11-27")).toBeNull();
  expect(parseWanted("yesterday")).toBeNull();
  expect(() => chosen("2026-11-27T07:00:00Z")).toThrow("the oldest one is of 2026-11-27T08:00:00.000Z");
  expect(() => chosen("20261127T070000Z-ab12")).toThrow(RestoreRefused);
  expect(() => choose(listing, "latest", "cluster")).toThrow("no backup of this kind");
  expect(() => choose({ backups: [], faults: [] }, "latest", "embedded")).toThrow("the target has no backup");
});

test("of two clusters in one target a backup is chosen by its id alone", () => {
  const catalogues = [catalogueOf(), catalogueOf({ id: "20261127T094700Z-ab12", cluster: "1" })];
  const listing = { backups: catalogues.map((catalogue) => ({ catalogue, isTested: false })), faults: [] };
  expect(() => choose(listing, "latest", "embedded")).toThrow("2 clusters (7712788762896269354, 1)");
  expect(choose(listing, { id: "20261127T094600Z-ab12" }, "embedded").cluster).toBe("7712788762896269354");
});
