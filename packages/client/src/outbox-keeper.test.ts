import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { ALICE, BOB, FakeServer, ROOM } from "../test/fake-server.ts";
import { serveHistory } from "../test/history.ts";
import { keptMessage, ownerAt, startKeeping, startServer, textsIn } from "../test/keeping.ts";
import { type Disk, MemoryOutbox } from "../test/memory-outbox.ts";
import { createClient } from "./client.ts";
import type { HubbubError } from "./hubbub-error.ts";

test("messages of a client that ended go out from the next one, before its own, in their order and under their ids", async () => {
  const { server, url } = await startServer();
  const disk: Disk = { kept: [] };
  const first = startKeeping(url, new MemoryOutbox(disk));
  await first.connect();
  server.intercept = ({ type }) => type === "publish" || type === "hello";
  const lost = ["a", "b"].map((text) => first.room(ROOM).publish(text, { id: text }));
  await vi.waitFor(() => expect(disk.kept).toHaveLength(2));
  await first.close({ waitMs: 0 });
  for (const one of lost) await expect(one).rejects.toMatchObject({ code: "closed" });
  expect(disk.kept.map(({ id }) => id)).toEqual(["a", "b"]);
  server.intercept = () => undefined;
  const second = startKeeping(url, new MemoryOutbox(disk));
  void second.connect();
  await second.room(ROOM).publish("c");
  expect(textsIn(server)).toEqual(["a", "b", "c"]);
  expect(server.log.slice(0, 2).map(({ id }) => id)).toEqual(["a", "b"]);
  await vi.waitFor(() => expect(disk.kept).toEqual([]));
});

test("a message goes only once it is kept, and leaves the storage with its ack or its refusal", async () => {
  const { server, url } = await startServer();
  const disk: Disk = { kept: [] };
  let kept: () => void = () => undefined;
  const isKept = new Promise<void>((resolve) => {
    kept = resolve;
  });
  const client = startKeeping(url, new MemoryOutbox(disk, (step) => (step === "add" ? isKept : Promise.resolve())));
  await client.connect();
  const published = client.room(ROOM).publish("held");
  await vi.waitFor(() => expect(server.of("subscribe")).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(server.of("publish")).toEqual([]);
  expect(client.pending).toMatchObject([{ text: "held", state: "queued" }]);
  kept();
  await published;
  server.intercept = (frame, connection) =>
    frame.type === "publish" && server.refuse(connection, frame.ref, "forbidden");
  await expect(client.room(ROOM).publish("refused")).rejects.toMatchObject({ code: "forbidden" });
  await vi.waitFor(() => expect(disk.kept).toEqual([]));
});

test("a message that is refused while the client waits for its end is not left to the next one", async () => {
  const { server, url } = await startServer();
  const disk: Disk = { kept: [] };
  const client = startKeeping(url, new MemoryOutbox(disk));
  await client.connect();
  let refuse: () => void = () => undefined;
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish") return;
    refuse = () => server.refuse(connection, frame.ref, "forbidden");
    return true;
  };
  const refused = client.room(ROOM).publish("refused");
  await vi.waitFor(() => expect(server.of("publish")).toHaveLength(1));
  const closed = client.close();
  refuse();
  await expect(refused).rejects.toMatchObject({ code: "forbidden" });
  await closed;
  expect(disk.kept).toEqual([]);
});

test("messages of another user stay where they are", async () => {
  const { server, url } = await startServer();
  const disk: Disk = { kept: [{ owner: "somebody else", ...keptMessage("x") }] };
  const client = startKeeping(url, new MemoryOutbox(disk));
  await client.connect();
  await client.room(ROOM).publish("own");
  expect(textsIn(server)).toEqual(["own"]);
  await vi.waitFor(() => expect(disk.kept.map(({ id }) => id)).toEqual(["x"]));
});

test("G8 at the bound of the storage a publish is refused, and nothing is sent", async () => {
  const { server, url } = await startServer();
  server.intercept = ({ type }) => type === "hello";
  const errors: HubbubError[] = [];
  const disk: Disk = { kept: [] };
  const client = createClient({
    url,
    tokens: { user: ALICE, accessToken: "t", refreshToken: "r", expiresIn: 900 },
    outbox: new MemoryOutbox(disk, undefined, 1),
    onOutboxError: (error) => errors.push(error),
  });
  onTestFinished(() => client.close({ waitMs: 0 }));
  const first = client.room(ROOM).publish("fits");
  await expect(client.room(ROOM).publish("too many")).rejects.toMatchObject({ code: "outbox_full" });
  expect(client.pending.map(({ text }) => text)).toEqual(["fits"]);
  expect(errors).toEqual([]);
  await client.close({ waitMs: 0 });
  await expect(first).rejects.toMatchObject({ code: "closed" });
});

test("a storage that fails is told, and messages go nevertheless", async () => {
  const { server, url } = await startServer();
  const errors: HubbubError[] = [];
  const broken = new MemoryOutbox({ kept: [] }, () => Promise.reject(new Error("the disk is gone")));
  const client = startKeeping(url, broken, errors);
  await client.connect();
  await client.room(ROOM).publish("hello");
  expect(textsIn(server)).toEqual(["hello"]);
  expect(errors).toMatchObject([{ code: "outbox_failed" }]);
});

test("changes are kept as messages are, and go out among them from the next client; a refused one is told", async () => {
  const { server, url } = await startServer();
  server.say("a question", BOB);
  server.say("arrived", ALICE, "old-edit" as never);
  const disk: Disk = { kept: [] };
  const first = startKeeping(url, new MemoryOutbox(disk));
  await first.connect();
  server.intercept = ({ type }) => type !== "hello" && type !== "subscribe";
  const room = first.room(ROOM);
  const given = [
    room.publish("one", { id: "one" }),
    room.edit(1, "edited", { id: "edit", baseSeq: 1 }),
    room.react(1, "👍", { id: "react", remove: true }),
    room.publish("two", { id: "two" }),
    room.pin(1, { id: "pin" }),
    room.delete(1, { id: "delete" }),
  ];
  await vi.waitFor(() => expect(disk.kept).toHaveLength(given.length));
  await first.close({ waitMs: 0 });
  await Promise.allSettled(given);
  const old = { owner: ownerAt(url), type: "edit", room: ROOM, target: 1, text: "?", at: 1, after: 0 } as const;
  disk.kept.unshift({ ...old, id: "old-edit" as never });
  server.intercept = (frame, connection) => frame.type === "pin" && server.refuse(connection, frame.ref, "forbidden");
  const second = startKeeping(url, new MemoryOutbox(disk));
  const refused: unknown[] = [];
  second.on("refused", ({ event, error }) => refused.push([event, error.code]));
  await second.connect();
  await second.room(ROOM).publish("own");
  const ids = ["old-edit", "one", "edit", "react", "two", "delete"];
  expect(server.log.slice(1, -1).map(({ id }) => id)).toEqual(ids);
  expect(server.log).toMatchObject([
    {},
    {},
    {},
    { kind: "edit", target: 1, text: "edited" },
    { remove: true },
    {},
    {},
    {},
  ]);
  expect(server.of("edit").at(-1)).toMatchObject({ baseSeq: 1 });
  await vi.waitFor(() => expect(disk.kept).toEqual([]));
  expect(refused).toEqual([[{ type: "pin", room: ROOM, id: "pin", target: 1 }, "forbidden"]]);
});

test("what another tab left goes out behind what this one has", async () => {
  const { server, url } = await startServer();
  const storage = new MemoryOutbox({ kept: [] });
  const client = startKeeping(url, storage);
  await client.connect();
  await client.room(ROOM).publish("own");
  storage.adopted([keptMessage("left")]);
  await vi.waitFor(() => expect(textsIn(server)).toEqual(["own", "left"]));
});

/** A server takes a message, or the connection breaks before or behind that. */
type Fault = "none" | "before" | "behind";

test("G1 G3 crashes at any step of the storage and of the wire lose, double and reorder nothing that was kept", async () => {
  const life = fc.record({
    messages: fc.integer({ min: 1, max: 4 }),
    // Steps of the storage until the crash.
    steps: fc.integer({ min: 1, max: 14 }),
    faults: fc.array(fc.constantFrom<Fault>("none", "before", "behind"), { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 3 }), async (lives) => {
      const server = new FakeServer();
      serveHistory(server);
      const url = await server.listen();
      const disk: Disk = { kept: [] };
      const kept: string[] = [];
      const closing: Promise<void>[] = [];
      let end: () => void = () => undefined;
      // Until the end of the run no answer comes from a process that is gone.
      const gone = new Promise<never>((_resolve, reject) => {
        end = () => reject(new Error("the process is gone"));
      });
      gone.catch(() => undefined);
      const live = async (number: number, { messages, steps, faults }: (typeof lives)[number]) => {
        let left = steps;
        let hasCrashed: () => void = () => undefined;
        const crash = new Promise<void>((resolve) => {
          hasCrashed = resolve;
        });
        const storage = new MemoryOutbox(disk, (step) => {
          if (step === "added") kept.push(disk.kept.at(-1)?.id ?? "");
          left -= 1;
          if (left >= 0) return Promise.resolve();
          hasCrashed();
          return gone;
        });
        const underway = [...faults];
        server.intercept = (frame, connection) => {
          const isWritten = frame.type === "publish" || frame.type === "react";
          const fault = isWritten ? underway.shift() : undefined;
          if (fault === undefined || fault === "none" || !isWritten) return;
          if (fault === "behind") server.accept(frame, { ...connection, send: () => undefined });
          connection.socket.terminate();
          return true;
        };
        const client = createClient({ url, getToken: async () => "token", outbox: storage });
        void client.connect();
        const room = client.room(ROOM);
        const all = Array.from({ length: messages }, (_none, at) => {
          const id = `${number}-${at}`;
          return at % 2 === 0 ? room.publish(id, { id }) : room.react(1, "👍", { id });
        });
        const idle = () => vi.waitFor(() => expect(disk.kept).toEqual([]), { timeout: 8_000 });
        await Promise.race([crash, Promise.all(all).then(idle)]);
        // Nothing of a process that is gone reaches the storage or the server any more.
        left = 0;
        server.disconnect();
        closing.push(client.close({ waitMs: 0 }));
      };
      for (const [number, one] of lives.entries()) await live(number, one);
      await live(lives.length, { messages: 1, steps: Number.POSITIVE_INFINITY, faults: [] });
      const ids = server.log.map(({ id }) => id as string);
      expect(ids).toEqual([...new Set(ids)]);
      expect(kept.filter((id) => !ids.includes(id))).toEqual([]);
      for (const number of lives.keys()) {
        const ofLife = ids.filter((id) => id.startsWith(`${number}-`));
        expect(ofLife).toEqual([...ofLife].sort());
      }
      end();
      await Promise.all(closing);
      await server.close();
    }),
    { numRuns: 8 },
  );
}, 180_000);
