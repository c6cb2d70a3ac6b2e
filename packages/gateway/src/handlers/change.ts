import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
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
  const body = await context.changes.check({ room: frame.room, by: user, standing, id: frame.id, change: frame });
  new Publish(context, replies, connection, user, frame, body).send();
}
