import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import { leaveRoom } from "../rooms/leave.ts";
import type { Connection } from "../ws/connection.ts";
import { encodeUnsubscribed } from "../ws/frames.ts";
import type { Parts } from "../ws/parts.ts";

export function unsubscribe(
  { hub }: Parts,
  connection: Connection,
  { ref, room }: ClientFrameOf<"unsubscribe">,
): undefined {
  const subscription = connection.subscriptions.get(room);
  if (subscription === undefined) throw new ProtocolError("not_subscribed");
  leaveRoom(hub, connection, room, subscription);
  connection.send(encodeUnsubscribed(ref, room));
}
