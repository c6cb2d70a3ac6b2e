import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeUnsubscribed } from "../connections/frames.ts";
import { enqueue, isQueued } from "../connections/room-queue.ts";
import type { Context } from "../context.ts";
import type { HandlerResult } from "./handler-result.ts";

/** Ends a running catch-up of the room, and is answered after earlier frames for the room. */
export function unsubscribe(
  context: Context,
  connection: Connection,
  { ref, room }: ClientFrameOf<"unsubscribe">,
): HandlerResult {
  const isBusy = isQueued(connection, room);
  if (!leave(context, connection, room) && !isBusy) throw new ProtocolError("not_subscribed");
  const answer = () => connection.send(encodeUnsubscribed(ref, room));
  if (isBusy) {
    const replied = enqueue(connection, room, async () => {
      leave(context, connection, room);
      answer();
    });
    return { replied };
  }
  answer();
  return undefined;
}

function leave({ hub }: Context, connection: Connection, room: ClientFrameOf<"unsubscribe">["room"]): boolean {
  const subscription = connection.subscriptions.get(room);
  if (subscription === undefined) return false;
  if (subscription.state !== "head") subscription.state = "unwanted";
  hub.leave(connection, room, subscription);
  return true;
}
