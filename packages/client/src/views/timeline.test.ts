import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { ALICE, BOB, FakeServer, ROOM } from "../../test/fake-server.ts";
import { serveHistory } from "../../test/history.ts";
import { createClient } from "../client.ts";
import { Timeline, type TimelineOptions } from "./timeline.ts";
import type { TimelineItem } from "./timeline-items.ts";

async function open(prepare: (server: FakeServer) => void = () => undefined, options: TimelineOptions = {}) {
  const server = new FakeServer();
  serveHistory(server);
  prepare(server);
  const client = createClient({ url: await server.listen(), getToken: async () => "token" });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  await client.connect();
  const timeline = new Timeline(client, ROOM, options);
  let told = 0;
  const stop = timeline.subscribe(() => {
    told += 1;
  });
  onTestFinished(() => {
    stop();
    timeline.close();
  });
  await vi.waitFor(() => expect(timeline.getSnapshot().status).toBe("live"));
  return { server, client, timeline, stop, told: () => told };
}

const textsOf = (items: readonly TimelineItem[]) =>
  items.map((item) => (item.kind === "message" ? item.text : item.kind === "gap" ? "…" : item.event.kind));
const texts = (timeline: Timeline) => textsOf(timeline.getSnapshot().items);
const last = (timeline: Timeline) => timeline.getSnapshot().items.at(-1);

const sayMany = (count: number) => (server: FakeServer) => {
  for (let at = 1; at <= count; at += 1) server.say(`m${at}`);
};

test("a timeline has the newest page, what comes, and older pages on demand, without a hole and without a double", async () => {
  const { server, timeline } = await open(sayMany(7), { page: 3 });
  expect(texts(timeline)).toEqual(["m5", "m6", "m7"]);
  expect(timeline.getSnapshot().hasOlder).toBe(true);
  server.say("m8");
  await Promise.all([timeline.loadOlder(), timeline.loadOlder()]);
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["m2", "m3", "m4", "m5", "m6", "m7", "m8"]));
  await timeline.loadOlder();
  expect(texts(timeline)[0]).toBe("m1");
  expect(timeline.getSnapshot().hasOlder).toBe(false);
});

test("a snapshot stays the same object until something changes, and items that did not change stay the same", async () => {
  const { server, timeline, told } = await open(sayMany(2));
  const before = timeline.getSnapshot();
  expect(timeline.getSnapshot()).toBe(before);
  const toldBefore = told();
  server.say("m3");
  await vi.waitFor(() => expect(told()).toBeGreaterThan(toldBefore));
  const after = timeline.getSnapshot();
  expect(after).not.toBe(before);
  expect(after.items.slice(0, 2)).toEqual(before.items);
  expect(after.items[0]).toBe(before.items[0]);
  expect(before.items).toHaveLength(2);
});

test("an own message is sending, accepted and stored under one key", async () => {
  const { server, timeline } = await open();
  let publish: (() => void) | undefined;
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish") return;
    publish = () => server.accept(frame, connection);
    return true;
  };
  const sent = timeline.send("hello");
  const sending = last(timeline);
  expect(sending).toMatchObject({ kind: "message", text: "hello", delivery: "sending", isOwn: true, seq: undefined });
  await vi.waitFor(() => expect(publish).toBeDefined());
  publish?.();
  await sent;
  await vi.waitFor(() => expect(last(timeline)).toMatchObject({ delivery: "accepted", seq: 1, key: sending?.key }));
  expect(timeline.getSnapshot().items).toHaveLength(1);
  server.broadcast({ type: "durable", room: ROOM, seq: 1 });
  await vi.waitFor(() => expect(last(timeline)).toMatchObject({ delivery: "stored" }));
});

test("a refused message stays with its reason, and can be sent again or taken away", async () => {
  const { server, timeline } = await open();
  server.intercept = (frame, connection) =>
    frame.type === "publish" && server.refuse(connection, frame.ref, "slow_mode", 9_000);
  await expect(timeline.send("too soon", { id: "a" })).rejects.toMatchObject({ code: "slow_mode" });
  await timeline.send("also", { id: "b" }).catch(() => undefined);
  expect(timeline.getSnapshot().items).toMatchObject([
    { id: "a", delivery: "refused", error: { code: "slow_mode" } },
    { id: "b", delivery: "refused" },
  ]);
  server.intercept = () => undefined;
  expect(timeline.dismiss("b")).toBe(true);
  await timeline.retry("a");
  await vi.waitFor(() => expect(timeline.getSnapshot().items).toMatchObject([{ id: "a", delivery: "accepted" }]));
  await expect(timeline.retry("a")).rejects.toMatchObject({ code: "bad_request" });
});

test("a message that waits for a connection can be taken away, and does not come back as a refused one", async () => {
  const { server, timeline } = await open();
  server.intercept = (frame) => frame.type === "hello";
  server.disconnect();
  await vi.waitFor(() => expect(timeline.getSnapshot().status).toBe("offline"));
  const sent = timeline.send("never mind", { id: "a" });
  expect(timeline.dismiss("a")).toBe(true);
  await expect(sent).rejects.toMatchObject({ code: "closed" });
  await new Promise((resolve) => setTimeout(resolve));
  expect(timeline.getSnapshot().items).toEqual([]);
});

test("edits, reactions and notes are shown in their place, and a reply in a thread is not", async () => {
  const { server, timeline } = await open(sayMany(1));
  const event = { type: "event", room: ROOM, epoch: 1, at: 9, by: BOB } as const;
  const add = (change: object) => {
    server.head += 1;
    server.broadcast({ ...event, seq: server.head, id: `e${server.head}`, ...change } as never);
  };
  add({ kind: "edit", target: 1, text: "edited" });
  add({ kind: "join", user: ALICE.id });
  add({ kind: "message", text: "in a thread", thread: 1 });
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["edited", "join"]));
  await vi.waitFor(() => expect(timeline.getSnapshot().items[0]).toMatchObject({ state: { replies: { count: 1 } } }));
});

test("a gap is shown between its neighbours and closes when its events are loaded", async () => {
  const { server, timeline } = await open(sayMany(1));
  for (const at of [2, 3, 4]) server.say(`m${at}`, BOB, undefined, false);
  server.broadcast({ type: "gap", room: ROOM, from: 2, to: 4, reason: "slow" });
  server.say("m5");
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["m1", "…", "m5"]));
  await timeline.loadGap(2);
  expect(texts(timeline)).toEqual(["m1", "m2", "m3", "m4", "m5"]);
});

test("the first unread message is that of somebody else behind the mark, once everything behind it is loaded", async () => {
  const { timeline } = await open(sayMany(6), { page: 3, readUpTo: async () => 2 });
  expect(timeline.getSnapshot().firstUnread).toBeUndefined();
  await timeline.loadOlder();
  expect(timeline.getSnapshot().firstUnread).toBe(3);
});

test("a refused room, a lost connection and a closed client are told by the status", async () => {
  const { server, client, timeline } = await open();
  server.intercept = (frame) => frame.type === "hello";
  server.disconnect();
  await vi.waitFor(() => expect(timeline.getSnapshot().status).toBe("offline"));
  server.intercept = () => undefined;
  await vi.waitFor(() => expect(timeline.getSnapshot().status).toBe("live"), { timeout: 15_000 });
  server.broadcast({ type: "removed", room: ROOM, user: ALICE.id });
  await vi.waitFor(() =>
    expect(timeline.getSnapshot()).toMatchObject({ status: "refused", error: { code: "not_member" } }),
  );
  await client.close();
  const other = new Timeline(client, ROOM);
  other.subscribe(() => undefined);
  expect(other.getSnapshot().status).toBe("closed");
  await expect(other.send("late")).rejects.toMatchObject({ code: "closed" });
  expect(other.getSnapshot().items).toMatchObject([{ text: "late", delivery: "refused" }]);
  other.close();
}, 30_000);

test("a timeline without listeners ends a little later and releases its room, and begins anew with a listener", async () => {
  const { server, timeline, stop } = await open(sayMany(2));
  stop();
  expect(timeline.isRunning).toBe(true);
  timeline.close();
  expect(timeline.getSnapshot()).toMatchObject({ items: [], status: "loading" });
  server.say("m3");
  const again = timeline.subscribe(() => undefined);
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["m1", "m2", "m3"]));
  again();
});

test("own messages whose fate is decided while the timeline rests are shown once, and refused ones with their reason", async () => {
  const { server, timeline, stop } = await open();
  const underway: (() => void)[] = [];
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish") return;
    if (frame.text === "bad") underway.push(() => server.refuse(connection, frame.ref, "forbidden"));
    else underway.push(() => server.accept(frame, connection));
    return true;
  };
  const [good, bad] = [timeline.send("good"), timeline.send("bad")];
  await vi.waitFor(() => expect(underway).toHaveLength(2));
  stop();
  timeline.close();
  for (const settle of underway) settle();
  await Promise.allSettled([good, bad]);
  timeline.subscribe(() => undefined);
  const shown = () => timeline.getSnapshot().items.map((item) => item.kind === "message" && [item.text, item.delivery]);
  await vi.waitFor(() =>
    expect(shown()).toEqual([
      ["good", "accepted"],
      ["bad", "refused"],
    ]),
  );
});

test("G1 a page that lacks what is not stored, because the log is away, is asked for again", async () => {
  const { server, client, timeline } = await open(sayMany(5), { page: 2 });
  const { http } = client;
  let isAway = true;
  const history = http.history.bind(http);
  http.history = async (...query) => {
    const page = await history(...query);
    if (!isAway) return page;
    return { ...page, messages: page.messages.filter(({ seq }) => seq <= 2), head: 2, partial: true };
  };
  await expect(timeline.loadOlder()).rejects.toMatchObject({ code: "unavailable" });
  for (const at of [6, 7]) server.say(`m${at}`, BOB, undefined, false);
  server.broadcast({ type: "gap", room: ROOM, from: 6, to: 7, reason: "slow" });
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["m4", "m5", "…"]));
  await expect(timeline.loadGap(6)).rejects.toMatchObject({ code: "unavailable" });
  isAway = false;
  await timeline.loadOlder();
  await timeline.loadGap(6);
  expect(texts(timeline)).toEqual(["m2", "m3", "m4", "m5", "m6", "m7"]);
});

test("G8 at its bound a timeline drops the oldest, and loads no older ones", async () => {
  const { server, timeline } = await open(sayMany(4), { maxItems: 4 });
  for (let at = 5; at <= 9; at += 1) server.say(`m${at}`);
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["m6", "m7", "m8", "m9"]));
  await timeline.loadOlder();
  expect(texts(timeline)).toHaveLength(4);
});

test("a page that comes when the oldest items were dropped meanwhile leaves no hole", async () => {
  const { server, client, timeline } = await open(sayMany(7), { page: 3, maxItems: 5 });
  const { http } = client;
  let answer: () => void = () => undefined;
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const history = http.history.bind(http);
  http.history = async (...query) => {
    const page = await history(...query);
    await mayAnswer;
    return page;
  };
  const loading = timeline.loadOlder();
  for (let at = 8; at <= 11; at += 1) server.say(`m${at}`);
  await vi.waitFor(() => expect(texts(timeline)).toEqual(["m7", "m8", "m9", "m10", "m11"]));
  answer();
  await loading;
  expect(texts(timeline)).toEqual(["m7", "m8", "m9", "m10", "m11"]);
});

test("G1 any order of messages, pages, cuts and own sends shows the end of the log, each message once", async () => {
  const act = fc.constantFrom("say", "send", "older", "cut", "react");
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), fc.nat(8), async (acts, before) => {
      const server = new FakeServer();
      serveHistory(server);
      sayMany(before)(server);
      const client = createClient({ url: await server.listen(), getToken: async () => "token" });
      await client.connect();
      const timeline = new Timeline(client, ROOM, { page: 3 });
      const stop = timeline.subscribe(() => undefined);
      const run: Record<string, () => unknown> = {
        say: () => server.say(`b${server.head}`),
        send: () => timeline.send("own").catch(() => undefined),
        older: () => timeline.loadOlder(),
        cut: () => server.disconnect(),
        react: () => new Promise((resolve) => setImmediate(resolve)),
      };
      for (const one of acts) await (one === "cut" || one === "send" ? void run[one]?.() : run[one]?.());
      await vi.waitFor(
        () => {
          const { items, status } = timeline.getSnapshot();
          expect(status).toBe("live");
          expect(items.every((item) => item.kind === "message" && item.delivery === "accepted")).toBe(true);
          expect(items.length > 0).toBe(server.head > 0);
          const seqs = items.map((item) => (item.kind === "message" ? (item.seq ?? 0) : 0));
          expect(seqs).toEqual(seqs.map((_seq, at) => server.head - seqs.length + 1 + at));
        },
        { timeout: 15_000 },
      );
      const sent = acts.filter((one) => one === "send").length;
      expect(server.log.filter(({ by }) => by.id === ALICE.id)).toHaveLength(sent);
      stop();
      timeline.close();
      await client.close();
      await server.close();
    }),
    { numRuns: 12 },
  );
}, 120_000);
