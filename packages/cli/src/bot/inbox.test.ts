import type { HistoryPage, RoomEvent } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { BOB, LOBBY } from "../../test/fake-hub.ts";
import { Inbox, wasAnswered } from "./inbox.ts";

const said = (seq: number, epoch = 1, was?: number[]) =>
  ({
    type: "event",
    room: LOBBY.id,
    epoch,
    seq,
    at: 0,
    by: BOB,
    kind: "message",
    id: `e${seq}`,
    text: "",
    was,
  }) as RoomEvent;

/** A room with a history; `reads` counts its pages. */
function room(start: number, pageEvents = 100) {
  const log: RoomEvent[] = [];
  const state = { epoch: 1, head: 0, reads: 0, partial: undefined as true | undefined };
  const inbox = new Inbox({ epoch: 1, seq: start, former: 0 }, async ({ after }) => {
    state.reads += 1;
    const behind = log.filter(({ seq }) => seq > after);
    const messages = behind.slice(0, pageEvents);
    const cursor = behind.length > messages.length ? messages.at(-1)?.seq : undefined;
    return {
      messages,
      head: log.at(-1)?.seq ?? state.head,
      epoch: state.epoch,
      cursor,
      partial: state.partial,
    } as HistoryPage;
  });
  const take = async () => (await inbox.next()).map(({ event }) => event.seq);
  return { log, state, inbox, take };
}

test("G1 G2 the history is read page by page, and what came meanwhile follows without a gap or a double", async () => {
  const { log, inbox, take } = room(2, 3);
  for (let seq = 1; seq <= 7; seq += 1) log.push(said(seq));
  const seqs = await take();
  log.push(said(8), said(9));
  for (const event of log.slice(-2)) inbox.offer(event);
  while (seqs.at(-1) !== 9) seqs.push(...(await take()));
  expect(seqs).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(inbox.place).toEqual({ epoch: 1, seq: 9, former: 0 });
});

test("live events that follow each other need no history", async () => {
  const { log, state, inbox, take } = room(0);
  const waiting = take();
  await Promise.resolve();
  log.push(said(1));
  inbox.offer(said(1));
  expect(await waiting).toEqual([1]);
  const { reads } = state;
  for (const seq of [2, 3]) inbox.offer(said(seq));
  expect(await take()).toEqual([2, 3]);
  inbox.offer(said(4));
  expect(await take()).toEqual([4]);
  expect(state.reads).toBe(reads);
});

test("G8 more live events than are kept, and a gap between them, are read from the history", async () => {
  const { log, inbox, take } = room(0);
  for (let seq = 1; seq <= 1_000; seq += 1) log.push(said(seq));
  for (const event of log) inbox.offer(event);
  const seqs: number[] = [];
  while (seqs.length < 1_000) seqs.push(...(await take()));
  log.push(said(1_001), said(1_002));
  inbox.offer(said(1_002));
  while (seqs.length < 1_002) seqs.push(...(await take()));
  expect(seqs).toEqual(Array.from({ length: 1_002 }, (_, at) => at + 1));
});

test("an event that moved into a new epoch is not answered twice", async () => {
  const { log, state, inbox } = room(0);
  log.push(said(1), said(2), said(3));
  await inbox.next();
  log.length = 1;
  state.epoch = 2;
  log.push(said(1_000_002, 2, [2]), said(1_000_003, 2, [3]), said(1_000_004, 2, [4]));
  inbox.look();
  const moved = await inbox.next();
  expect(moved.map(({ event, place }) => wasAnswered(event, place))).toEqual([true, true, false]);
  expect(inbox.place).toEqual({ epoch: 2, seq: 1_000_004, former: 3 });
});

test("a page of what is stored, while Redis is away, begins no epoch", async () => {
  const { log, state, inbox, take } = room(3);
  Object.assign(state, { epoch: 0, partial: true });
  const waiting = take();
  await new Promise((resolve) => setImmediate(resolve));
  expect(inbox.place).toEqual({ epoch: 1, seq: 3, former: 0 });
  Object.assign(state, { epoch: 1, partial: undefined });
  log.push(said(4));
  inbox.look();
  expect(await waiting).toEqual([4]);
});

test("after the restore of an older state, events that get used numbers again are answered", async () => {
  const { log, state, inbox, take } = room(50);
  state.epoch = 7;
  log.push(said(9, 7));
  const waiting = take();
  await new Promise((resolve) => setImmediate(resolve));
  log.push(said(10, 7));
  inbox.offer(said(10, 7));
  expect(await waiting).toEqual([10]);
});

test("G1 a history that lacks what is not stored, because the log is away, is read again", async () => {
  const { log, state, take } = room(1);
  log.push(said(1), said(2), said(3));
  state.partial = true;
  const unstored = log.splice(2);
  expect(await take()).toEqual([2]);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const waiting = take();
  await vi.advanceTimersByTimeAsync(5_000);
  state.partial = undefined;
  log.push(...unstored);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await waiting).toEqual([3]);
});
