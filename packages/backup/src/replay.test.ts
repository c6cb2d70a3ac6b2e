import { expect, test } from "vitest";
import type { LedgerAct, LedgerEntry } from "./ledger.ts";
import { readLedger } from "./ledger.ts";
import { lossesSince } from "./replay.ts";

const ROOM = "0196f2a0-0000-7000-8000-000000000001";
const USER = "0196f2a0-0000-7000-8000-000000000002";
const SINCE = new Date("2026-11-27T10:00:00Z");

const at = (minute: number, act: LedgerAct["act"], room: string | null = ROOM): LedgerAct => ({
  ...{ act, at: `2026-11-27T10:0${minute}:00.000Z`, by: "operator", subject: USER, room, details: null, note: null },
});

const acts = (...entries: readonly LedgerEntry[]) => lossesSince(entries, SINCE).map(({ act }) => act);

test("only what was taken away behind the time is taken away again, in the order of time", () => {
  expect(acts(at(2, "member_remove"), at(1, "account_suspend", null))).toEqual(["account_suspend", "member_remove"]);
  expect(acts(at(0, "member_remove"))).toEqual([]);
  expect(acts({ erased: USER, at: "2026-11-27T10:01:00.000Z" })).toEqual([]);
});

test("what was given back is left alone, and what was taken away once more is not", () => {
  expect(acts(at(1, "member_ban"), at(2, "member_unban"))).toEqual([]);
  expect(acts(at(1, "member_ban"), at(2, "member_unban"), at(3, "member_ban"))).toEqual(["member_ban"]);
  expect(acts(at(2, "member_unban"))).toEqual([]);
  expect(acts(at(1, "room_delete"), at(2, "room_reopen"), at(3, "account_unsuspend", null))).toEqual([]);
});

test("a line that is no entry is named", async () => {
  const read = (...lines: readonly string[]) =>
    readLedger(
      (async function* () {
        yield Buffer.from(lines.join("\n"));
      })(),
    );
  expect(await read(JSON.stringify(at(1, "member_ban")), "", "")).toEqual([at(1, "member_ban")]);
  await expect(read(JSON.stringify(at(1, "member_ban")), "{}")).rejects.toThrow(
    "line 2 of the ledger is no entry of one",
  );
});
