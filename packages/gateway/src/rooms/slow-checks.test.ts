import { type EventId, encodeEventHead, encodeMessageBody, newId, type RoomId, TEXT_MAX_BYTES } from "@hubbub/protocol";
import { parseEnv } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { gatewaySettings } from "../config.ts";
import type { Connection } from "../connections/connection.ts";
import type { LiveRoom } from "./live-room.ts";
import { CHECK_SHARE, SLOW_SHARE, SlowConnections, type SlowOptions } from "./slow.ts";

const LEAST_BOUND = 1_048_576;
/** The largest event: a text at its bound, and the head, author, ids and quotes around it. */
const EVENT_FRAME_MAX_BYTES = TEXT_MAX_BYTES + 1_024;
/** Frames that uWS keeps for a connection before it writes, within one turn of the event loop. */
const UNWRITTEN_FRAMES_MAX = 32;
/** What is left for the connection's own answers and for a chunk or two of catch-ups. */
const OWN_SHARE = 1 / 8;

/**
 * The most unsent bytes that a connection can have, if uWS cuts it at `most`: after a check a connection that is not paused has
 * at most SLOW_SHARE, and the frames that uWS has not written yet. At most CHECK_SHARE and one frame follow until the next check.
 */
function unsentMax(most: number): number {
  return most * (SLOW_SHARE + CHECK_SHARE + OWN_SHARE) + (UNWRITTEN_FRAMES_MAX + 1) * EVENT_FRAME_MAX_BYTES;
}

test("G7 at the least bound that can be set no burst of the largest events reaches it", () => {
  expect(() => parseEnv(gatewaySettings, { MAX_BACKPRESSURE_BYTES: `${LEAST_BOUND - 1}` })).toThrow();
  const [room, user] = [newId<RoomId>(), { id: newId(), username: "u".repeat(32) }];
  const numbers = Number.MAX_SAFE_INTEGER;
  // The text's bound counts its JSON, in which the quotes come on top.
  const text = "x".repeat(TEXT_MAX_BYTES);
  const body = encodeMessageBody(JSON.stringify(user), "e".repeat(64) as EventId, text, numbers);
  const largest = Buffer.byteLength(encodeEventHead(room, numbers, numbers, numbers) + body);
  expect(largest).toBeLessThanOrEqual(EVENT_FRAME_MAX_BYTES);
  expect(unsentMax(LEAST_BOUND)).toBeLessThanOrEqual(LEAST_BOUND);
});

test("G8 what a room publishes costs a look at its own listeners, and at no other connection", () => {
  const looked: string[] = [];
  const connectionOf = (id: string) =>
    ({
      get bufferedBytes() {
        looked.push(id);
        return 0;
      },
    }) as Connection;
  const rooms = Array.from({ length: 3 }, (_none, at) => ({ listeners: new Set([connectionOf(`of ${at}`)]) }));
  const others = Array.from({ length: 1_000 }, () => connectionOf("other"));
  const context = { settings: parseEnv(gatewaySettings, {}), connections: others };
  const slow = new SlowConnections(context as unknown as SlowOptions);
  const [loud, other] = rooms as unknown as [LiveRoom, LiveRoom];
  slow.published(other, 100);
  for (let frame = 0; frame < 64; frame += 1) slow.published(loud, 8_192);
  // 524,388 bytes, and a look for each eighth of the bound.
  expect(looked).toEqual(["of 1", "of 0", "of 0", "of 0", "of 0"]);
  slow.checkAll();
  expect(looked.filter((id) => id === "other")).toHaveLength(others.length);
});
