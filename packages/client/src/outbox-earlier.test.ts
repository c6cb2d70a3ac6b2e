import { expect, onTestFinished, test, vi } from "vitest";
import { ALICE, ROOM } from "../test/fake-server.ts";
import { keptMessage, ownerAt, startKeeping, startServer, textsIn } from "../test/keeping.ts";
import { type Disk, MemoryOutbox } from "../test/memory-outbox.ts";

test("a message that is older than the server remembers its id is looked up first, and goes only if it did not arrive", async () => {
  const { server, url } = await startServer();
  const old = Date.now() - 3_600_000;
  server.say("arrived", ALICE, "arrived" as never);
  const kept = ["arrived", "lost"].map((id) => ({ owner: ownerAt(url), ...keptMessage(id, old) }));
  const disk: Disk = { kept: [...kept] };
  // As the server does behind its window.
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish") return;
    const { seq, epoch, at } = server.say(frame.text, ALICE, frame.id);
    connection.send({ type: "ack", ref: frame.ref, room: ROOM, seq, epoch, at });
    return true;
  };
  const client = startKeeping(url, new MemoryOutbox(disk));
  await client.connect();
  await client.room(ROOM).publish("new");
  expect(textsIn(server)).toEqual(["arrived", "lost", "new"]);
  await vi.waitFor(() => expect(disk.kept).toEqual([]));
});

test.each(["kept by a storage", "given with its age"])(
  "G3 a message %s that arrived long ago is not sent again behind the window of the server, whatever breaks",
  async (how) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { server, url } = await startServer();
    server.say("m", ALICE, "m" as never);
    const earlier = { at: Date.now() - 60_000, after: 0 };
    const owner = `${url.replace("http", "ws")}/ws ${ALICE.id}`;
    const isKept = how === "kept by a storage";
    const disk: Disk = { kept: isKept ? [{ owner, type: "publish", room: ROOM, id: "m", text: "m", ...earlier }] : [] };
    let sent = 0;
    server.intercept = (frame, connection) => {
      if (frame.type !== "publish") return;
      sent += 1;
      // The first ack is lost; the server would take the second one, for it has forgotten the id.
      if (sent === 1) connection.socket.terminate();
      else server.say(frame.text, ALICE, frame.id);
      if (sent === 1) vi.setSystemTime(Date.now() + 900_000);
      return true;
    };
    const client = startKeeping(url, new MemoryOutbox(disk));
    await client.connect();
    const again = isKept ? undefined : client.room(ROOM).publish("m", { id: "m", earlier });
    await vi.waitFor(() => expect(client.stats.reconnects).toBe(1), { timeout: 10_000 });
    await vi.waitFor(() => expect([client.pending, disk.kept]).toEqual([[], []]), { timeout: 5_000 });
    if (again !== undefined) await expect(again).resolves.toMatchObject({ seq: 1 });
    expect([textsIn(server), sent]).toEqual([["m"], 1]);
  },
);

test("an old message that too much was said behind is given back to its author, and not sent", async () => {
  const { server, url } = await startServer();
  const disk: Disk = { kept: [{ owner: ownerAt(url), ...keptMessage("old", 1) }] };
  for (let at = 0; at < 5_200; at += 1) server.say("noise", undefined, undefined, false);
  const client = startKeeping(url, new MemoryOutbox(disk));
  const outcomes: unknown[] = [];
  await client.connect();
  client
    .room(ROOM)
    .attach({ onEvent: () => undefined, onOutgoing: (message, outcome) => outcomes.push([message.id, outcome]) });
  await vi.waitFor(
    () =>
      expect(outcomes).toMatchObject([
        ["old", {}],
        ["old", { error: { code: "outcome_unknown" } }],
      ]),
    {
      timeout: 10_000,
    },
  );
  expect(server.of("publish")).toEqual([]);
});
