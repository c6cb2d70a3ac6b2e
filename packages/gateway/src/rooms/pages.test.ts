import { setTimeout as delay } from "node:timers/promises";
import type { Timeline } from "@hubbub/broker";
import { encodeEventHead, newId, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { Pages } from "./pages.ts";

/** A room of which everything is there, and how often it was asked for; `most` counts the reads at once. */
function createSource() {
  const reads = { count: 0, now: 0, most: 0 };
  const after: Timeline["after"] = async (room, since, head, limit) => {
    reads.count += 1;
    reads.now += 1;
    reads.most = Math.max(reads.most, reads.now);
    await delay(1);
    reads.now -= 1;
    const events = Array.from({ length: Math.min(limit, head - since) }, (_none, at) => {
      const seq = since + at + 1;
      return { seq, frame: Buffer.from(`${encodeEventHead(room, 1, seq, 1)}}`) };
    });
    return { events, holes: [], to: since + events.length };
  };
  return { pages: new Pages({ after }), reads };
}

const room = newId<RoomId>();

test("a page that was read when the room was shorter is read once more, for all connections that need it longer", async () => {
  const { pages, reads } = createSource();
  await pages.read(room, 400, 450);
  const crowd = await Promise.all(Array.from({ length: 100 }, (_none, at) => pages.read(room, 450 + (at % 10), 500)));
  for (const [at, entries] of crowd.entries()) {
    expect(entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 50 - (at % 10) }, (_none, next) => 451 + (at % 10) + next),
    );
  }
  expect(reads.count).toBe(2);
});

test("G8 a bounded number of reads run at once, more are queued, and further ones are refused with a time to wait", async () => {
  const { pages, reads } = createSource();
  const crowd = Array.from({ length: 16 + 4_096 + 10 }, () => pages.read(newId<RoomId>(), 0, 1));
  const outcomes = await Promise.allSettled(crowd);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused).toHaveLength(10);
  expect(refused[0]?.reason).toMatchObject({ code: "overloaded", retryAfterMs: expect.any(Number) });
  expect(reads.most).toBe(16);
});
