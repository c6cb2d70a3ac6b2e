import type { RoomEvent } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { ROOM } from "../test/fake-server.ts";
import { startWired } from "../test/wired.ts";

/** The numbering restarts 100 above, and everything after `kept` is forgotten. */
function loseEpoch(server: Awaited<ReturnType<typeof startWired>>["server"], kept: number): void {
  const { head } = server;
  server.log.splice(kept);
  server.epoch += 1;
  server.head = head + 100;
  server.broadcast({ type: "gap", room: ROOM, from: head + 1, to: server.head, reason: "epoch" });
  server.broadcast({ type: "epoch", room: ROOM, epoch: server.epoch, head: server.head });
}

test("G2 G6 an event acked and lost with its epoch is sent again under its id, above the old numbers", async () => {
  const { server, room } = await startWired();
  server.http = () => ({ status: 200, body: { messages: server.log, head: server.head, epoch: server.epoch } });
  const moved: [RoomEvent, number][] = [];
  const seqs: number[] = [];
  const marks: [number, number][] = [];
  await room.subscribe({
    onEvent: ({ seq }) => seqs.push(seq),
    onMoved: (event, from) => moved.push([event, from]),
    onDurable: (seq, epoch) => marks.push([seq, epoch]),
  });
  await room.publish("kept", { id: "kept" });
  const durable = room.publish("lost", { id: "lost", until: "durable" });
  await vi.waitFor(() => expect(seqs).toEqual([1, 2]));
  server.broadcast({ type: "durable", room: ROOM, seq: 1 });
  loseEpoch(server, 1);
  await vi.waitFor(() => expect(server.log.map(({ id }) => id)).toEqual(["kept", "lost"]));
  server.broadcast({ type: "durable", room: ROOM, seq: server.head });
  await expect(durable).resolves.toMatchObject({ seq: 103, epoch: 2 });
  expect(server.of("publish").map(({ id }) => id)).toEqual(["kept", "lost", "lost"]);
  expect(seqs).toEqual([1, 2]);
  expect(marks).toEqual([
    [1, 1],
    [103, 2],
  ]);
  expect(moved).toEqual([[expect.objectContaining({ id: "lost", seq: 103 }), 2]]);
});

test("G2 G6 an event acked before a restore is sent again, although the next epoch is lower", async () => {
  const { server, room } = await startWired((prepared) => {
    prepared.epoch = 9;
  });
  server.http = () => ({ status: 200, body: { messages: server.log, head: server.head, epoch: server.epoch } });
  const epochs: number[] = [];
  await room.subscribe({ onEvent: () => undefined, onEpoch: (epoch) => epochs.push(epoch) });
  const durable = room.publish("lost", { id: "lost", until: "durable" });
  await vi.waitFor(() => expect(server.log).toHaveLength(1));
  server.log.splice(0);
  server.epoch = 3;
  server.head = 100;
  server.broadcast({ type: "gap", room: ROOM, from: 2, to: 100, reason: "epoch" });
  server.broadcast({ type: "epoch", room: ROOM, epoch: 3, head: 100 });
  server.broadcast({ type: "durable", room: ROOM, seq: 100 });
  await vi.waitFor(() => expect(server.log.map(({ id }) => id)).toEqual(["lost"]));
  server.broadcast({ type: "durable", room: ROOM, seq: server.head });
  await expect(durable).resolves.toMatchObject({ seq: 101, epoch: 3 });
  expect(epochs).toEqual([3]);
});

test("G4 an ack that arrives before its epoch frame waits for its mark, not for a lookup", async () => {
  const { server, room } = await startWired();
  server.say("before");
  let asked = 0;
  server.http = () => {
    asked += 1;
    return { status: 200, body: { messages: server.log, head: server.head, epoch: 7 } };
  };
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish") return undefined;
    connection.send({ type: "ack", ref: frame.ref, room: ROOM, seq: 12, epoch: 7, at: 0 });
    return true;
  };
  let isDurable = false;
  const durable = room.publish("new", { id: "new", until: "durable" }).finally(() => {
    isDurable = true;
  });
  await vi.waitFor(() => expect(server.of("publish")).toHaveLength(1));
  server.broadcast({ type: "gap", room: ROOM, from: 2, to: 10, reason: "epoch" });
  server.broadcast({ type: "epoch", room: ROOM, epoch: 5, head: 10 });
  await vi.waitFor(() => expect(asked).toBe(1));
  server.broadcast({ type: "gap", room: ROOM, from: 11, to: 12, reason: "epoch" });
  server.broadcast({ type: "epoch", room: ROOM, epoch: 7, head: 12 });
  await vi.waitFor(() => expect(room.position).toEqual({ seq: 12, epoch: 7 }));
  expect(isDurable).toBe(false);
  server.broadcast({ type: "durable", room: ROOM, seq: 12 });
  await expect(durable).resolves.toMatchObject({ seq: 12, epoch: 7 });
  expect(server.of("publish")).toHaveLength(1);
});

test("G3 G4 an event in the history after an epoch change is durable and not sent again", async () => {
  const { server, room } = await startWired();
  server.http = () => ({ status: 200, body: { messages: server.log, head: server.head, epoch: server.epoch } });
  const durable = room.publish("kept", { id: "kept", until: "durable" });
  await vi.waitFor(() => expect(server.log).toHaveLength(1));
  // Closed behind the ack, and before anybody can be back the epoch is another.
  server.disconnect(1001);
  loseEpoch(server, 1);
  await expect(durable).resolves.toMatchObject({ seq: 1, epoch: 1 });
  expect(server.of("publish")).toHaveLength(1);
});

test("G4 G6 a mark above a hole calls nothing durable: it may be of an epoch that is not announced yet", async () => {
  const { server, room } = await startWired();
  server.http = () => ({ status: 200, body: { messages: server.log, head: server.head, epoch: server.epoch } });
  const marks: [number, number][] = [];
  room.listen({ onEvent: () => undefined, onDurable: (seq, epoch) => marks.push([seq, epoch]) });
  const durable = room.publish("lost", { id: "lost", until: "durable" });
  await vi.waitFor(() => expect(server.log).toHaveLength(1));
  server.log.splice(0);
  server.epoch = 2;
  server.head = 100;
  server.intercept = (frame) => frame.type === "subscribe";
  const subscribed = server.of("subscribe").length;
  server.say("behind the hole");
  server.broadcast({ type: "durable", room: ROOM, seq: 101 });
  await vi.waitFor(() => expect(server.of("subscribe")).toHaveLength(subscribed + 1));
  server.intercept = () => undefined;
  server.broadcast({ type: "gap", room: ROOM, from: 2, to: 100, reason: "epoch" });
  for (const event of server.log) server.broadcast(event);
  const ref = server.of("subscribe").at(-1)?.ref ?? 0;
  server.broadcast({ type: "subscribed", ref, room: ROOM, epoch: 2, head: 101, recovered: true });
  server.broadcast({ type: "durable", room: ROOM, seq: 101 });
  await vi.waitFor(() => expect(server.log.map(({ id }) => id)).toContain("lost"));
  server.broadcast({ type: "durable", room: ROOM, seq: server.head });
  await expect(durable).resolves.toMatchObject({ seq: 102, epoch: 2 });
  expect(marks).toEqual([
    [101, 2],
    [102, 2],
  ]);
});

test("G3 a partial history decides nothing and is requested again", async () => {
  const { server, room } = await startWired();
  let asked = 0;
  server.http = () => {
    asked += 1;
    const where = { head: server.head, epoch: server.epoch };
    return {
      status: 200,
      body: asked === 1 ? { messages: [], ...where, partial: true } : { messages: server.log, ...where },
    };
  };
  const durable = room.publish("kept", { id: "kept", until: "durable" });
  await vi.waitFor(() => expect(server.log).toHaveLength(1));
  server.disconnect(1001);
  loseEpoch(server, 1);
  await expect(durable).resolves.toMatchObject({ seq: 1, epoch: 1 });
  expect(asked).toBe(2);
  expect(server.of("publish")).toHaveLength(1);
});
