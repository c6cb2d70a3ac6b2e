import type { RoomHead } from "@hubbub/broker";
import { CLOSE } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import type { SubscribedRoom } from "../connections/subscription.ts";
import type { LiveRoom } from "../rooms/live-room.ts";
import type { Lineage } from "./lineage.ts";

/**
 * The log has another numbering of an open room, or a lower head: restarts the room if that is another branch of it, or the epoch that the
 * room was opened in is not the one that the log uses.
 */
export async function restartRestored(lineage: Lineage, room: LiveRoom, head: RoomHead): Promise<void> {
  const [epoch, last] = [room.epoch, room.last];
  const fork = await lineage.forkOf(room.id, { seq: last, epoch }, head);
  if (fork !== null && room.isOpen && room.epoch === epoch && !room.isRepairing) room.restart(fork.from, head);
}

/**
 * Closes the connections in catch-up, because the room goes on in another branch: what they were sent may be void. The
 * client reconnects with its position and is told then.
 */
export function endCatchUps(connections: Iterable<Connection>, room: SubscribedRoom): void {
  for (const connection of [...connections]) {
    const subscription = connection.subscriptions.get(room.id);
    if (subscription?.live === room && subscription.state !== "live" && subscription.state !== "head")
      connection.close(CLOSE.goingAway, "room restored");
  }
}
