import { setTimeout as delay } from "node:timers/promises";
import { createLogger } from "@hubbub/runtime";
import type { NodeNews, NodeOrders } from "@hubbub/store";
import { expect, onTestFinished, test } from "vitest";
import type { LeavingRole } from "./leaving-role.ts";
import { restartable } from "./restartable.ts";
import { ZoneWatch } from "./zone-watch.ts";

const log = createLogger({ level: "silent", node: "test" });

/** A process of zone `a` that looks every few milliseconds. */
async function watching(makeRoles: (notes: string[]) => readonly LeavingRole[]) {
  const orders: NodeOrders = { isDrained: false, moves: 0 };
  const world = { orders, news: [] as NodeNews[], isAway: false, notes: [] as string[] };
  const nodes = {
    async look(_node: string, zone: string, news: NodeNews) {
      expect(zone).toBe("a");
      if (world.isAway) throw new Error("Postgres is away");
      world.news.push(news);
      const now = world.orders;
      world.orders = { ...now, moves: 0 };
      return now;
    },
  };
  const watch = new ZoneWatch({ nodes, node: "n-1", zone: "a", roles: makeRoles(world.notes), log, lookMs: 5 });
  onTestFinished(() => watch.stop());
  const state = () => world.news.at(-1)?.state;
  return { ...{ watch, state }, world };
}

/** Notes what it is asked for. A suspension lasts until `hold` resolves, or the signal. */
function role(name: string, notes: string[], hold: () => Promise<void> = async () => undefined): LeavingRole {
  return {
    readiness: () => [],
    async suspend(signal) {
      notes.push(`${name} suspends`);
      await Promise.race([hold(), new Promise((done) => signal.addEventListener("abort", done, { once: true }))]);
    },
    resume: () => void notes.push(`${name} resumes`),
    drain: async () => undefined,
    stop: async () => undefined,
  };
}

test("the roles are suspended in their order while the zone is drained, and readiness says why", async () => {
  const { watch, world, state } = await watching((notes) => [role("gateway", notes), role("writer", notes)]);
  await watch.start();
  expect(watch.readiness()).toEqual([]);
  world.orders = { isDrained: true, moves: 0 };
  await expect.poll(state).toBe("drained");
  expect(watch.readiness()).toEqual(["zone a is drained"]);
  world.isAway = true;
  await delay(30);
  expect([watch.readiness(), world.notes]).toEqual([["zone a is drained"], ["gateway suspends", "writer suspends"]]);
  world.isAway = false;
  world.orders = { isDrained: false, moves: 0 };
  await expect.poll(state).toBe("serving");
  expect(world.notes.slice(2)).toEqual(["gateway resumes", "writer resumes"]);
  expect(watch.readiness()).toEqual([]);
});

test("a process that is drained alone says so", async () => {
  const { watch, world, state } = await watching((notes) => [role("gateway", notes)]);
  world.orders = { isDrained: true, isAlone: true, moves: 0 };
  await watch.start();
  expect(watch.readiness()).toEqual(["this process is drained"]);
  await expect.poll(state).toBe("drained");
  world.orders = { isDrained: false, moves: 0 };
  await expect.poll(state).toBe("serving");
  expect(world.notes).toEqual(["gateway suspends", "gateway resumes"]);
});

test("a process that starts in a drained zone is suspended before it listens", async () => {
  const { watch, world } = await watching((notes) => [role("gateway", notes)]);
  world.orders = { isDrained: true, moves: 0 };
  await watch.start();
  expect(watch.readiness()).toEqual(["zone a is drained"]);
  await expect.poll(() => world.notes).toEqual(["gateway suspends"]);
});

test("an undo in the middle of a drain resumes what was suspended, and nothing else", async () => {
  const forever = () => new Promise<void>(() => undefined);
  const { watch, world, state } = await watching((notes) => [role("gateway", notes, forever), role("writer", notes)]);
  world.orders = { isDrained: true, moves: 0 };
  await watch.start();
  await expect.poll(state).toBe("draining");
  world.orders = { isDrained: false, moves: 0 };
  await expect.poll(state).toBe("serving");
  expect(world.notes).toEqual(["gateway suspends", "gateway resumes"]);
});

test("a process that ends is not resumed any more", async () => {
  const { watch, world, state } = await watching((notes) => [role("gateway", notes)]);
  world.orders = { isDrained: true, moves: 0 };
  await watch.start();
  await expect.poll(state).toBe("drained");
  await watch.drain();
  world.orders = { isDrained: false, moves: 0 };
  await delay(30);
  expect(world.notes).toEqual(["gateway suspends"]);
});

test("an order to move reaches the gateway once, and its figures reach the operator", async () => {
  const moves: number[] = [];
  const departures = { connections: 70, moving: 3, move: async (count: number) => void moves.push(count) };
  const gateway = { ...role("gateway", []), departures: departures as unknown as LeavingRole["departures"] };
  const { watch, world } = await watching(() => [gateway as LeavingRole]);
  world.orders = { isDrained: false, moves: 20 };
  await watch.start();
  await expect.poll(() => world.news.length).toBeGreaterThan(3);
  expect(moves).toEqual([20]);
  expect(world.news[0]).toEqual({ state: "serving", connections: 70, moving: 3 });
});

test("a role with leases leaves in good order, and begins anew after the undo", async () => {
  const notes: string[] = [];
  let made = 0;
  const writer = restartable(() => {
    const name = `writer ${++made}`;
    return {
      readiness: () => [name],
      drain: async () => void notes.push(`${name} drains`),
      stop: async () => void notes.push(`${name} stops`),
    };
  });
  await writer.suspend?.(new AbortController().signal);
  expect([notes, made]).toEqual([["writer 1 drains"], 1]);
  await writer.resume?.();
  expect([notes, writer.readiness()]).toEqual([["writer 1 drains", "writer 1 stops"], ["writer 2"]]);
  await writer.drain(new AbortController().signal);
  expect(notes.at(-1)).toBe("writer 2 drains");
});
