import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { Channels } from "../../test/channels.ts";
import { ALICE } from "../../test/fake-server.ts";
import { tokenOf, World } from "../../test/tabs-world.ts";
import type { TransportEvents } from "../transport.ts";
import { TabServer } from "./tab-server.ts";

const step = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant("deliver" as const), which: fc.nat(50) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("work" as const), which: fc.constant(0) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("say" as const), which: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), which: fc.nat(7) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("subscribe" as const), which: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("unsubscribe" as const), which: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("open" as const), which: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), which: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), which: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), which: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const), which: fc.nat(2) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Of> ? Of : never;

function take(world: World, { do: what, which }: Step): void {
  const { tabs, server, channels } = world;
  const tab = tabs[which % Math.max(tabs.length, 1)];
  if (what === "deliver") channels.step(which);
  if (what === "work") server.work();
  if (what === "say") server.accept(`said ${server.epoch} ${server.head}`);
  if (what === "publish") tab?.publish();
  if (what === "subscribe") tab?.subscribe();
  if (what === "unsubscribe") tab?.unsubscribe();
  if (what === "open" && tabs.length < 6) world.open();
  if (what === "close" || what === "crash") tab?.close(what === "close");
  if (what === "cut") for (const connection of [...server.connections]) connection.end(1006);
  if (what === "restore") server.restore(which);
  if (what === "refuse") server.refusals = which;
}

test("G2 G3 tabs that share a connection each get every event once and in order, whatever opens, closes and fails", () => {
  const run = fc.property(fc.array(step, { minLength: 20, maxLength: 200, size: "max" }), (steps) => {
    const world = new World();
    world.open();
    world.open();
    for (const one of steps) take(world, one);
    world.server.refusals = 0;
    world.rest();
    world.server.accept("the last one");
    world.rest();
    for (const [index, tab] of world.tabs.entries()) {
      expect(tab.faults).toEqual([]);
      const own = world.server.log
        .filter(({ id }) => id.startsWith(`tab${index}-`))
        .map(({ id }) => Number(id.split("-")[1]));
      expect(own).toEqual([...new Set(own)].sort((one, other) => one - other));
      expect(tab.isSettled).toBe(true);
      const { log } = world.server;
      if (tab.isLive) expect(tab.log).toEqual(log.slice(log.length - tab.log.length));
      if (tab.isLive) expect(tab.log.at(-1)?.id).toBe("the last one");
    }
    expect(world.server.connections.size).toBeLessThanOrEqual(1);
  });
  fc.assert(run, { numRuns: 150 });
});

interface Wire {
  readonly events: TransportEvents;
  readonly sent: { readonly type: string; readonly ref: number }[];
}

/** Tabs of one login, whose connections are in the hands of the test. */
function startTabs() {
  const wires: Wire[] = [];
  const channels = new Channels();
  const worker = new TabServer(
    (_url, _subprotocol, events) => {
      const sent: Wire["sent"] = [];
      wires.push({ events, sent });
      return { send: (text) => sent.push(JSON.parse(text)), close: () => undefined, abort: () => undefined };
    },
    () => undefined,
  );
  const open = (hello: object = {}) => {
    const heard: unknown[] = [];
    const [ours, theirs] = channels.ports();
    worker.accept(theirs);
    ours.onmessage = ({ data }) => heard.push(typeof data === "string" ? JSON.parse(data) : data);
    ours.postMessage({ kind: "open", url: "ws://x/ws", subprotocol: "s", lock: "l" });
    ours.postMessage(JSON.stringify({ type: "hello", ref: 1, token: tokenOf("alice", "one"), ...hello }));
    channels.drain();
    return { heard, send: (frame: object) => ours.postMessage(JSON.stringify(frame)) };
  };
  return { wires, open, drain: () => channels.drain() };
}

test("an attempt at a connection that gets no answer ends, also when tabs give up and come back in turn", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { wires, open, drain } = startTabs();
  const first = open();
  vi.advanceTimersByTime(9_000);
  const second = open();
  vi.advanceTimersByTime(1_000);
  drain();
  for (const { heard } of [first, second]) expect(heard.at(-1)).toEqual({ kind: "closed", code: 1006 });
  open();
  expect(wires).toHaveLength(2);
});

test("a tab that wants the news of its user asks for them again where the server refused them to another one", () => {
  const { wires, open, drain } = startTabs();
  const ready = { type: "ready", user: ALICE, connection: "c", node: "n", heartbeatMs: 60_000 };
  const limits = { frameMaxBytes: 1, textMaxBytes: 1, framesPerSecond: 99, publishesPerSecond: 99, subscriptions: 9 };
  const plain = open();
  const [wire = expect.fail("no connection")] = wires;
  onTestFinished(() => wire.events.closed(1000));
  wire.events.opened();
  wire.events.received(JSON.stringify({ ...ready, ref: 1, limits }));
  const [refused, meanwhile] = [open({ personal: true }), open({ personal: true })];
  wire.events.received(JSON.stringify({ type: "error", ref: 2, code: "rate_limited", message: "later" }));
  drain();
  for (const { heard } of [refused, meanwhile]) expect(heard.at(-1)).toMatchObject({ kind: "closed" });
  open({ personal: true });
  expect(wire.sent.map(({ type }) => type)).toEqual(["hello", "hello", "hello"]);
  expect(plain.heard.at(-1)).toMatchObject({ type: "ready" });
});
