import type { EventId, RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { HubbubError } from "./hubbub-error.ts";
import { OUTBOX_MAX, Outbox, type OutboxBody, SEND_WINDOW, WATCHED_MAX } from "./outbox.ts";

const room = "01920000-0000-7000-8000-000000000001" as RoomId;
const message = (id: string): OutboxBody => ({ type: "publish", room, id: id as EventId, text: id });
const idsOf = (items: Iterable<{ body: OutboxBody }>): string[] => [...items].map(({ body }) => body.id);

test("G3 events in flight at a disconnect are sent again in their order, before newer ones", async () => {
  const outbox = new Outbox();
  const promises = ["a", "b", "c"].map((id) => outbox.add(message(id), "ack"));
  const [a] = [...outbox.sendable()];
  if (a !== undefined) outbox.acked(a, { seq: 1, epoch: 1, at: 0 });
  promises.push(outbox.add(message("d"), "ack"));
  expect(outbox.connectionLost()).toBe(2);
  expect(idsOf(outbox.sendable())).toEqual(["b", "c", "d"]);
  expect(idsOf(outbox.sendable())).toEqual([]);
  await expect(promises[0]).resolves.toEqual({ seq: 1, epoch: 1, at: 0 });
  outbox.failAll(new HubbubError("closed"));
  await Promise.allSettled(promises);
});

test("G4 durable resolves on a mark of the same epoch, and on none of a later one", async () => {
  const outbox = new Outbox();
  const settled: string[] = [];
  const first = outbox.add(message("a"), "durable").then(() => settled.push("a"));
  const second = outbox.add(message("b"), "durable").then(() => settled.push("b"));
  const [a, b] = [...outbox.sendable()];
  if (a === undefined || b === undefined) throw new Error("two are sendable");
  outbox.acked(a, { seq: 7, epoch: 1, at: 0 });
  outbox.durable(6, 1);
  expect(outbox.size).toBe(2);
  outbox.acked(b, { seq: 8, epoch: 2, at: 0 });
  outbox.durable(20, 2);
  await second;
  expect(settled).toEqual(["b"]);
  expect(outbox.doubtful(2)).toEqual([a]);
  outbox.stored(a);
  await first;
});

test.each([
  ["lower", 2],
  ["higher", 9],
])(
  "G4 G6 a mark of a %s epoch, which a restore began, says nothing about an ack of a lost one",
  async (_name, epoch) => {
    const outbox = new Outbox();
    const lost = outbox.add(message("lost"), "durable");
    const [item] = [...outbox.sendable()];
    if (item === undefined) throw new Error("one is sendable");
    outbox.acked(item, { seq: 7, epoch: 5, at: 0 });
    expect(outbox.durable(6, epoch)).toBe(false);
    expect(outbox.durable(20, epoch)).toBe(true);
    expect(outbox.doubtful(epoch)).toEqual([item]);
    expect(outbox.doubtful(5)).toEqual([]);
    outbox.acked(item, { seq: 21, epoch, at: 0 }, epoch);
    outbox.acked(item, { seq: 7, epoch: 5, at: 0 }, epoch);
    expect(outbox.durable(21, epoch)).toBe(false);
    await expect(lost).resolves.toMatchObject({ seq: 21, epoch });
  },
);

test("G3 a message is taken back unless it may be there: until then it would arrive nevertheless", async () => {
  const outbox = new Outbox();
  const closed = new HubbubError("closed");
  const all = Promise.allSettled(["a", "b", "c"].map((id) => outbox.add(message(id), "ack")));
  const [a, b] = [...outbox.sendable(2)];
  if (a === undefined || b === undefined) throw new Error("two are sendable");
  outbox.requeue(b, false);
  outbox.connectionLost();
  expect(["a", "b", "c"].map((id) => outbox.discard(id, closed))).toEqual([false, true, true]);
  outbox.acked(a, { seq: 1, epoch: 1, at: 0 });
  expect((await all).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
});

test("G8 at its bound the outbox refuses with outbox_full and keeps its events", async () => {
  const outbox = new Outbox();
  const promises = Array.from({ length: OUTBOX_MAX }, (_, index) => outbox.add(message(`m${index}`), "ack"));
  expect(() => outbox.add(message("more"), "ack")).toThrow(expect.objectContaining({ code: "outbox_full" }));
  expect([...outbox.sendable()]).toHaveLength(SEND_WINDOW);
  outbox.failAll(new HubbubError("closed"));
  expect((await Promise.allSettled(promises)).every(({ status }) => status === "rejected")).toBe(true);
});

test("G8 acked events that never become durable are tracked up to a bound", async () => {
  const outbox = new Outbox();
  for (let seq = 1; seq <= WATCHED_MAX + 5; seq += 1) {
    const acked = outbox.add(message(`m${seq}`), "ack");
    for (const item of outbox.sendable()) outbox.acked(item, { seq, epoch: 1, at: 0 });
    await acked;
  }
  expect(outbox.size).toBe(WATCHED_MAX);
});

test("a second publish with a pending id is refused", async () => {
  const outbox = new Outbox();
  const first = outbox.add(message("a"), "ack");
  expect(() => outbox.add(message("a"), "ack")).toThrow(HubbubError);
  outbox.failAll(new HubbubError("closed"));
  await expect(first).rejects.toMatchObject({ code: "closed" });
});
