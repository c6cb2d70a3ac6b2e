import fc from "fast-check";
import { expect, test } from "vitest";
import { World } from "../../test/tabs-world.ts";

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
