import { expect, test } from "vitest";
import type { GetStore } from "./fixtures.ts";

const NEWS = { state: "serving", connections: 0, moving: 0 } as const;
const OPERATOR = { by: "operator" } as const;

/** Drops all processes that it announces: other tests count those that run. */
export function nodesContract(getStore: GetStore): void {
  const announced = async (names: Readonly<Record<string, string>>, roles = "gateway") => {
    const { nodes } = getStore();
    for (const [name, zone] of Object.entries(names)) {
      await nodes.renew({ name, roles, build: "1" });
      await nodes.look(name, zone, NEWS);
    }
    return async () => {
      for (const name of Object.keys(names)) await nodes.drop(name);
    };
  };
  const acts = async () => (await getStore().audit.list({ actor: "operator" }, { limit: 3 })).entries;

  test("a drained zone is told to its processes alone, and to those that start later, until it is undone", async () => {
    const { nodes } = getStore();
    const drop = await announced({ "g-1": "a", "g-2": "b" });
    expect(await nodes.drain("a", OPERATOR)).toBe(true);
    expect(await nodes.drain("a", OPERATOR)).toBe(false);
    expect(await nodes.look("g-1", "a", NEWS)).toEqual({ isDrained: true, moves: 0 });
    expect(await nodes.look("g-2", "b", NEWS)).toEqual({ isDrained: false, moves: 0 });
    expect(await nodes.look("unknown", "a", NEWS)).toEqual({ isDrained: true, moves: 0 });
    await nodes.look("g-1", "a", { state: "draining", connections: 7, moving: 0 });
    expect(await nodes.list()).toMatchObject([
      { name: "g-1", zone: "a", state: "draining", connections: 7, shards: 0, isZoneDrained: true, isSilent: false },
      { name: "g-2", zone: "b", state: "serving", isZoneDrained: false },
    ]);
    expect(await nodes.drained()).toEqual(["a"]);
    expect(await nodes.undrain("a", OPERATOR)).toBe(true);
    expect(await nodes.undrain("a", OPERATOR)).toBe(false);
    expect(await nodes.look("g-1", "a", NEWS)).toEqual({ isDrained: false, moves: 0 });
    expect((await acts()).slice(0, 2)).toMatchObject([
      { act: "zone_undrain", details: { zone: "a" } },
      { act: "zone_drain", details: { zone: "a" } },
    ]);
    await drop();
  });

  test("a process is drained alone and told so, whatever becomes of its zone, also when it starts again", async () => {
    const { nodes } = getStore();
    const drop = await announced({ "g-1": "a", "g-2": "a" });
    expect(await nodes.drainProcess("g-1", OPERATOR)).toBe(true);
    expect(await nodes.drainProcess("g-1", OPERATOR)).toBe(false);
    expect(await nodes.look("g-1", "a", NEWS)).toEqual({ isDrained: true, isAlone: true, moves: 0 });
    expect(await nodes.look("g-2", "a", NEWS)).toEqual({ isDrained: false, moves: 0 });
    expect(await nodes.drained()).toEqual([]);
    expect(await nodes.list()).toMatchObject([
      { name: "g-1", isZoneDrained: false, isDrainedAlone: true },
      { name: "g-2", isZoneDrained: false, isDrainedAlone: false },
    ]);
    const needed = { code: "zone_needed", message: /besides g-2 no process serves as gateway/ };
    await expect(nodes.drainProcess("g-2", OPERATOR)).rejects.toMatchObject(needed);
    await expect(nodes.drain("a", OPERATOR)).rejects.toMatchObject({ code: "zone_needed" });
    await drop();
    expect(await nodes.look("g-1", "a", NEWS)).toMatchObject({ isAlone: true });
    expect(await nodes.undrainProcess("g-1", OPERATOR)).toBe(true);
    for (const order of ["drainProcess", "undrainProcess"] as const)
      await expect(nodes[order]("g-1", OPERATOR)).rejects.toMatchObject({ code: "not_found" });
    expect(await nodes.look("g-1", "a", NEWS)).toEqual({ isDrained: false, moves: 0 });
    expect((await acts()).slice(0, 2)).toMatchObject([
      { act: "process_undrain", details: { process: "g-1" } },
      { act: "process_drain", details: { process: "g-1" } },
    ]);
  });

  test("a drain that would leave a role to nobody is refused, and so is a zone without a process", async () => {
    const { nodes } = getStore();
    const dropOne = await announced({ "g-1": "a", "g-2": "b" });
    const dropOther = await announced({ "w-1": "a" }, "writer,api");
    await expect(nodes.drain("a", OPERATOR)).rejects.toMatchObject({ code: "zone_needed", message: /api, writer/ });
    const dropThird = await announced({ "w-2": "" }, "writer,api");
    for (let round = 0; round < 10; round += 1) {
      const both = await Promise.allSettled(["a", "b"].map((zone) => nodes.drain(zone, OPERATOR)));
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      for (const zone of await nodes.drained()) await nodes.undrain(zone, OPERATOR);
    }
    await expect(nodes.drain("c", OPERATOR)).rejects.toMatchObject({
      code: "unknown_zone",
      message: /zones are: a, b/,
    });
    await expect(nodes.undrain("c", OPERATOR)).rejects.toMatchObject({ code: "unknown_zone" });
    for (const drop of [dropOne, dropOther, dropThird]) await drop();
  });

  test("a rebalance asks the fullest gateway once, and not again while connections move", async () => {
    const { nodes } = getStore();
    const drop = await announced({ "g-1": "a", "g-2": "b" });
    await expect(nodes.rebalance(1, OPERATOR)).rejects.toMatchObject({ code: "rebalance_needless" });
    await nodes.look("g-1", "a", { ...NEWS, connections: 100 });
    expect(await nodes.rebalance(1, OPERATOR)).toEqual([{ node: "g-1", connections: 100, moves: 50 }]);
    await expect(nodes.rebalance(1, OPERATOR)).rejects.toMatchObject({ code: "rebalance_running" });
    expect(await nodes.look("g-1", "a", { ...NEWS, connections: 100 })).toEqual({ isDrained: false, moves: 50 });
    await expect(nodes.rebalance(1, OPERATOR)).rejects.toMatchObject({ code: "rebalance_running" });
    expect(await nodes.look("g-1", "a", { ...NEWS, connections: 50 })).toEqual({ isDrained: false, moves: 0 });
    await nodes.look("g-2", "b", { ...NEWS, connections: 50 });
    await expect(nodes.rebalance(1, OPERATOR)).rejects.toMatchObject({ code: "rebalance_needless" });
    expect((await acts())[0]).toMatchObject({ act: "rebalance", details: { moves: [{ node: "g-1", moves: 50 }] } });
    await drop();
  });
}
