import type { RoomId } from "@hubbub/protocol";
import type { Connection, Subscription } from "../connections/connection.ts";
import type { Hub } from "./hub.ts";

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
