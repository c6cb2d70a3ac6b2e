import { expect, test } from "vitest";
import { checkLives } from "./check-lives.ts";
import { digestOf, type HistoryRecord } from "./records.ts";

const room = "room";
const client = "ann";
const COPIED_AT = 100;
const SET_BACK_AT = 200;

function said(id: string, epoch: number, seq: number, at: number): HistoryRecord[] {
  return [
    { type: "sent", client, room, id, digest: digestOf(id), at },
    { type: "acked", client, room, id, seq, epoch, isDuplicate: false, at },
    { type: "received", client, room, seq, epoch, id, kind: "message", digest: digestOf(id), at },
  ];
}

function stored(id: string, epoch: number, seq: number): HistoryRecord {
  return { type: "stored", room, seq, epoch, id, user: client, kind: "message", digest: digestOf(id) };
}

const present: HistoryRecord = { type: "present", client, room };
const voided: HistoryRecord = { type: "gap", client, room, from: 2, to: 3, reason: "epoch" };
const renumbered: HistoryRecord = { type: "epoch", client, room, epoch: 2, head: 1 };

/** `kept` is in the copy, `gone` and `gone-too` are not, and `new` gets a seq that one of them had. */
function history(change: Partial<Record<"end" | "rows", HistoryRecord[]>> = {}): HistoryRecord[] {
  const end = change.end ?? [voided, renumbered, ...said("new", 2, 2, 300), present];
  const rows = change.rows ?? [stored("kept", 5, 1), stored("new", 2, 2)];
  return [
    { type: "subscribing", client, room, since: null },
    { type: "subscribed", client, room, head: 0, epoch: 5, recovered: true },
    ...said("kept", 5, 1, 50),
    ...said("gone", 5, 2, 150),
    ...said("gone-too", 5, 3, 160),
    { type: "setBack", room, copiedAt: COPIED_AT, at: SET_BACK_AT },
    ...end,
    ...rows,
  ];
}

const kindsOf = (records: HistoryRecord[]) => Object.keys(checkLives(records).anomalies);

test("what a restore took away and announced is counted, and nothing else is wrong", () => {
  const { anomalies, counts } = checkLives(history());
  expect(anomalies).toEqual({});
  expect(counts).toMatchObject({ sent: 4, acked: 4, stored: 2, taken: 2, present: 1 });
});

test("what is in the copy and what was acked since may not be lost", () => {
  expect(kindsOf(history({ rows: [stored("new", 2, 2)] }))).toEqual(["lostAcked"]);
  expect(kindsOf(history({ rows: [stored("kept", 5, 1)] }))).toEqual(["lostAcked"]);
});

test("a loss that is not announced is found", () => {
  expect(kindsOf(history({ end: [renumbered, ...said("new", 2, 2, 300), present] }))).toEqual(["unannouncedGap"]);
  const unaware = [present];
  expect(kindsOf(history({ end: unaware, rows: [stored("kept", 5, 1)] }))).toEqual(["unannouncedGap"]);
});

test("no gap excuses what the later life said", () => {
  const unheard: HistoryRecord = { type: "gap", client, room, from: 2, to: 2, reason: "epoch" };
  const [sent, acked] = said("new", 2, 2, 300) as [HistoryRecord, HistoryRecord];
  expect(kindsOf(history({ end: [voided, renumbered, sent, acked, unheard, present] }))).toEqual(["undelivered"]);
});

test("an old event that one client hears of only after the restore need not reach those who began behind it", () => {
  const joined: HistoryRecord[] = [
    { type: "subscribing", client: "bob", room, since: { seq: 0, epoch: 5 } },
    { type: "received", client: "bob", room, seq: 1, epoch: 5, id: "kept", kind: "join", digest: 0, at: 50 },
    { type: "subscribed", client: "bob", room, head: 1, epoch: 5, recovered: true },
  ];
  const began: HistoryRecord[] = [
    { type: "subscribing", client, room, since: null },
    { type: "subscribed", client, room, head: 1, epoch: 5, recovered: true },
    { type: "setBack", room, copiedAt: COPIED_AT, at: SET_BACK_AT },
  ];
  const row = { ...stored("kept", 5, 1), kind: "join", digest: 0 } as HistoryRecord;
  expect(kindsOf([...began, ...joined, present, row])).toEqual([]);
});

test("a number that stands for two events, an event with two rows, a phantom and an altered text are found", () => {
  const again = { end: [voided, renumbered, ...said("new", 5, 2, 300), present] };
  expect(kindsOf(history({ ...again, rows: [stored("kept", 5, 1), stored("new", 5, 2)] }))).toContain("reusedSeq");
  const rows = [stored("kept", 5, 1), stored("new", 2, 2)];
  expect(kindsOf(history({ rows: [...rows, stored("kept", 2, 3)] }))).toContain("duplicateStored");
  expect(kindsOf(history({ rows: [...rows, stored("never", 2, 3)] }))).toContain("phantom");
  expect(
    kindsOf(history({ rows: [stored("kept", 5, 1), { ...stored("new", 2, 2), digest: 1 } as HistoryRecord] })),
  ).toEqual(["altered"]);
});

test("two events of one sender in the wrong order are found within an epoch", () => {
  const end = [voided, renumbered, ...said("second", 2, 3, 300), ...said("new", 2, 2, 310), present];
  expect(
    kindsOf(history({ end, rows: [stored("kept", 5, 1), stored("new", 2, 2), stored("second", 2, 3)] })),
  ).toContain("senderOrder");
});
