import type { ControlMessage, Question } from "@hubbub/broker";
import { CLOSE, ERRORS, type SessionId } from "@hubbub/protocol";
import { closeRoom, removeMember } from "./closed-room.ts";
import { encodeError } from "./connections/error-frames.ts";
import type { Context } from "./context.ts";

export function applyControl(context: Context, message: Exclude<ControlMessage, Question>): void {
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
    case "room-changed":
      context.membership.forget(message.room);
      break;
    case "room-closed":
      closeRoom(context, message.room);
      break;
    case "member-added":
    case "member-changed":
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
