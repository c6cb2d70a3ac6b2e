import type { BrokerListener } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { accountsOf } from "../test/accounts.ts";
import { deliveringBroker } from "../test/faulty-broker.ts";
import { openWorld, say, startTestGateway } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

type Fate = "arrives" | "lost" | "late" | "doubled";

/** Deliveries by the turn of their fates; late ones come when the next one arrives, behind it. */
function fatedBroker() {
  const state = { fates: ["arrives"] as readonly Fate[], turn: 0 };
  const late: (() => void)[] = [];
  const through = (room: RoomId, frame: Buffer, handOn: BrokerListener["deliver"]) => {
    const fate = state.fates[state.turn++ % state.fates.length];
    if (fate === "lost") return;
    if (fate === "late") {
      late.push(() => handOn(room, frame));
      return;
    }
    handOn(room, frame);
    if (fate === "doubled") handOn(room, frame);
    for (const deliver of late.splice(0)) deliver();
  };
  return { ...deliveringBroker(through), state };
}

test("G2 of every room, delivered, repaired and announced as missing add up to what was accepted", async () => {
  const { broker, state } = fatedBroker();
  await using gateway = await startTestGateway(world, { HEADS_CHECK_MS: "50" }, broker);
  const fates = fc.array(fc.constantFrom<Fate>("arrives", "arrives", "lost", "late", "doubled"), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 1, max: 120 }), fc.boolean(), async (chosen, count, isForgotten) => {
      const room = await world.room(ann);
      const client = await gateway.as(ann);
      await client.ask({ type: "subscribe", room }, "subscribed");
      const before = await accountsOf(gateway);
      Object.assign(state, { fates: chosen, turn: 0 });
      await say(gateway, room, ann, count);
      if (isForgotten) {
        // All of these are lost on their way, and most of them are nowhere by the time they are looked for.
        Object.assign(state, { fates: ["lost"], turn: 0 });
        await say(gateway, room, ann, 400);
        await gateway.broker.publishMarks(0, [{ room, seq: count + 400 }]);
      }
      const accepted = count + (isForgotten ? 400 : 0);
      await expect.poll(() => client.seqs(room).at(-1) ?? 0, { timeout: 5_000 }).toBe(accepted);
      const after = await accountsOf(gateway);
      const [delivered, repaired, missing] = [0, 1, 2].map((at) => (after[at] ?? 0) - (before[at] ?? 0));
      expect((delivered ?? 0) + (repaired ?? 0) + (missing ?? 0)).toBe(accepted);
      const gaps = client.frames.flatMap((frame) => (frame.type === "gap" ? [frame.to - frame.from + 1] : []));
      expect(missing).toBe(gaps.reduce((sum, gap) => sum + gap, 0));
      expect((delivered ?? 0) + (repaired ?? 0)).toBe(client.seqs(room).length);
      if (isForgotten) expect(missing).toBeGreaterThan(0);
      client.close();
    }),
    { numRuns: 20 },
  );
});
