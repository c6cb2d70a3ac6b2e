import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeUnsubscribed } from "../connections/frames.ts";
import type { Parts } from "../context.ts";
import { leaveRoom } from "../rooms/leave.ts";
import type { Outcome } from "./outcome.ts";

/** Ends a catch-up of the room that is under way, and comes behind what was asked of the room before. */
export function unsubscribe(
  parts: Parts,
  connection: Connection,
  { ref, room }: ClientFrameOf<"unsubscribe">,
): Outcome {
  const isBusy = parts.lanes.isBusy(connection, room);
  if (!leave(parts, connection, room) && !isBusy) throw new ProtocolError("not_subscribed");
  const answer = () => connection.send(encodeUnsubscribed(ref, room));
  if (isBusy) {
    const answered = parts.lanes.enter(connection, room, async () => {
      leave(parts, connection, room);
      answer();
    });
    return { answered };
  }
  answer();
  return undefined;
}

function leave({ hub }: Parts, connection: Connection, room: ClientFrameOf<"unsubscribe">["room"]): boolean {
  const subscription = connection.subscriptions.get(room);
  if (subscription === undefined) return false;
  subscription.state = "unwanted";
  leaveRoom(hub, connection, room, subscription);
  return true;
}
