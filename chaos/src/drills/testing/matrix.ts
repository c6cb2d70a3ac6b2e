import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultOf } from "../catalogue.ts";
import type { Fault, Needs } from "../fault.ts";
import { verifyWorld } from "../projection.ts";
import { describe as describeResult, isClean } from "../result.ts";
import { runFault } from "../run-drill.ts";
import { openWorld, type World } from "../world.ts";

const load = { events: 300, eventsPerSecond: 200, clients: 8, rooms: 2, tempo: 0.5, verifies: false };

function titleOf({ guarantees, name, expected }: Fault): string {
  return `${guarantees.join(" ")} ${name}: ${expected}`;
}

/**
 * Each named fault once, with a small load, one after the other on the same cluster: what an earlier one left behind must not
 * matter to a later one. `npm run drill -- all` runs every fault, each on a cluster of its own, for longer.
 */
export function matrix(title: string, needs: Needs, names: readonly string[]): void {
  describe(title, () => {
    let world: World;
    beforeAll(async () => {
      // A lease that ends within the shortened pauses.
      world = await openWorld({ ...needs, apis: 2, env: { WRITER_LEASE_MS: "1500" } }, () => undefined);
    });
    afterAll(() => world?.[Symbol.asyncDispose]());

    test.each(names.map(faultOf).map((fault) => [titleOf(fault), fault] as const))("%s", async (_title, fault) => {
      const lines: string[] = [];
      const result = await runFault(fault, world, { ...load, print: (line) => lines.push(line) });
      expect(isClean(result), [...lines, describeResult(result)].join("\n")).toBe(true);
      expect(result.acked).toBeGreaterThanOrEqual(load.events);
      expect(result.changes).toBeGreaterThan(0);
    });

    test("in the end `verify` finds that the projection is the fold of all events, and no other fault", async () => {
      expect(await verifyWorld(world)).toMatchObject({ faults: {} });
    });
  });
}
