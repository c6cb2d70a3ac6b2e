import { setTimeout as delay } from "node:timers/promises";
import type { RoomHead, RoomLog } from "@hubbub/broker";
import type { Hub } from "../rooms/hub.ts";
import type { LiveRoom } from "../rooms/live-room.ts";

/** Rooms in one call: few enough to block neither the event loop nor Redis. */
const PAGE = 1_000;
/** A room counts as behind when a delivery is late by this. */
const ON_ITS_WAY_MS = 100;

/**
 * Compares the live rooms with the log and repairs those that are behind. Only this finds a lost last event: no later event
 * reveals the hole. `restored`: the log has another numbering of a room, or a lower head.
 */
export async function checkHeads(
  broker: RoomLog,
  hub: Hub,
  restored: (room: LiveRoom, head: RoomHead) => Promise<void>,
): Promise<void> {
  const behind: { room: LiveRoom; head: RoomHead }[] = [];
  const strange: { room: LiveRoom; head: RoomHead }[] = [];
  const rooms = [...hub.openRooms()];
  for (let at = 0; at < rooms.length; at += PAGE) {
    const page = rooms.slice(at, at + PAGE);
    const heads = await broker.heads(page.map(({ id }) => id));
    for (const [index, room] of page.entries()) {
      const head = heads[index] ?? null;
      if (head === null) continue;
      if (isStrange(room, head)) strange.push({ room, head });
      else if (isBehind(room, head)) behind.push({ room, head });
    }
  }
  for (const { room, head } of strange) {
    if (!isStrange(room, head)) continue;
    // The first read may be older than what the room has learnt since. This one is not.
    const [now] = await broker.heads([room.id]);
    if (now && isStrange(room, now)) await restored(room, now);
  }
  if (behind.length === 0) return;
  await delay(ON_ITS_WAY_MS);
  for (const { room, head } of behind) if (isBehind(room, head)) room.expect(head);
}

/** The log was restored, or uses another epoch than the newest of the store; or this read is older than later deliveries. */
function isStrange(room: LiveRoom, head: RoomHead): boolean {
  return head.epoch < room.epoch || (head.epoch > room.epoch && head.seq < room.last);
}

function isBehind(room: LiveRoom, head: RoomHead): boolean {
  return head.seq > room.last || head.epoch > room.epoch || head.durable > room.durable;
}
