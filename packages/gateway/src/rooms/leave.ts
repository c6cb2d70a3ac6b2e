import { CLOSE, type RoomId } from "@hubbub/protocol";
import type { Connection, Subscription } from "../ws/connection.ts";
import type { Hub } from "./hub.ts";
import type { LiveRoom } from "./live-room.ts";

/** Gives a subscription up, in whatever state it is. Twice is once. */
export function leaveRoom(hub: Hub, connection: Connection, room: RoomId, subscription: Subscription): void {
  if (connection.subscriptions.get(room) === subscription) connection.subscriptions.delete(room);
  // A catch-up that waits for the connection to read on ends at once.
  if (subscription.state !== "live") connection.wakeDrained();
  if (subscription.live === null) return;
  connection.removeTopic(room);
  subscription.live.listeners.delete(connection);
  hub.leave(subscription.live);
  subscription.live = null;
}

export function leaveAll(hub: Hub, connection: Connection): void {
  for (const [room, subscription] of connection.subscriptions) leaveRoom(hub, connection, room, subscription);
}

/**
 * The room goes on in another life. What a catch-up has sent may be void, and it would go on as if it were not: the client
 * comes back with its position, and is told then.
 */
export function endCatchUps(connections: Iterable<Connection>, room: LiveRoom): void {
  for (const connection of [...connections]) {
    const subscription = connection.subscriptions.get(room.id);
    if (subscription?.live === room && subscription.state !== "live")
      connection.close(CLOSE.goingAway, "room restored");
  }
}
