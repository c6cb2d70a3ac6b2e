import type { RoomId, UserId } from "@hubbub/protocol";
import { encodeFrame } from "./connections/frames.ts";
import type { Context } from "./context.ts";

export function removeMember({ connections, hub }: Context, room: RoomId, user: UserId): void {
  for (const connection of connections.byUser.of(user)) {
    const subscription = connection.subscriptions.get(room);
    if (subscription === undefined) continue;
    hub.leave(connection, room, subscription);
    connection.send(encodeFrame("removed", { room, user }));
  }
}

/** Nobody is a member of a closed room. */
export function closeRoom(context: Context, room: RoomId): void {
  context.membership.forget(room);
  for (const user of usersIn(context, room)) removeMember(context, room, user);
}

/** Local users with a subscription of the room, whatever its state. */
function usersIn({ connections }: Context, room: RoomId): ReadonlySet<UserId> {
  const users = new Set<UserId>();
  for (const { identity, subscriptions } of connections) {
    if (identity !== null && subscriptions.has(room)) users.add(identity.user.id);
  }
  return users;
}
