import type { ControlMessage } from "@hubbub/broker";
import { CLOSE, ERRORS, type RoomId, type SessionId, type UserId } from "@hubbub/protocol";
import { encodeError } from "./connections/error-frames.ts";
import { encodeRemoved } from "./connections/frames.ts";
import type { Context } from "./context.ts";

export function applyControl(context: Context, message: ControlMessage): void {
  switch (message.type) {
    case "session-revoked":
      closeSession(context, message.session);
      break;
    case "texts-deleted":
      for (const id of message.rooms) {
        const room = context.hub.find(id);
        room?.ring.restart(room.last);
      }
      break;
    case "member-added":
      context.membership.forget(message.room, message.user);
      break;
    case "member-removed":
      context.membership.forget(message.room, message.user);
      removeMember(context, message.room, message.user);
      break;
  }
}

export function closeSession({ connections }: Context, session: SessionId): void {
  for (const connection of connections.bySession.of(session)) {
    connection.send(encodeError(undefined, { code: "session_revoked", message: ERRORS.session_revoked.means }));
    connection.close(CLOSE.sessionRevoked, "session_revoked");
  }
}

export function removeMember({ connections, hub }: Context, room: RoomId, user: UserId): void {
  for (const connection of connections.byUser.of(user)) {
    const subscription = connection.subscriptions.get(room);
    if (subscription === undefined) continue;
    hub.leave(connection, room, subscription);
    connection.send(encodeRemoved({ room, user }));
  }
}
