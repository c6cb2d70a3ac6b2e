import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeAck } from "../connections/frames.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import { charge } from "./charges.ts";
import { Publish } from "./publish.ts";
import type { Replies } from "./replies.ts";

/** An edit, deletion, reaction or pin. The next frame of the connection waits until the change is checked. */
export async function change(
  context: Context,
  replies: Replies,
  connection: Connection,
  identity: Identity,
  frame: ClientFrameOf<"edit" | "delete" | "react" | "pin">,
): Promise<undefined> {
  if (connection.isHeldBack(frame.round, frame.ref)) throw new ProtocolError("out_of_order");
  const { user } = identity;
  charge(context, connection, identity, frame.type === "edit" ? frame.text : "");
  const standing = await context.membership.require(frame.room, user.id);
  const { room, id } = frame;
  const checked = await context.changes.check({ room, by: user, standing, id, change: frame });
  if ("body" in checked) new Publish(context, replies, connection, user, frame, checked.body).send();
  else connection.sendWith(context.flusher, encodeAck(frame.ref, room, checked.accepted));
}
