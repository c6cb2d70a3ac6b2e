import { encodeMessage } from "@hubbub/chat";
import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import { admit } from "./admit.ts";
import { charge } from "./charges.ts";
import { Publish } from "./publish.ts";
import type { Replies } from "./replies.ts";

/** As `publish`, for the one kind of message that asks the store: it takes its files before it is accepted. */
export async function publishFiles(
  context: Context,
  replies: Replies,
  connection: Connection,
  identity: Identity,
  frame: ClientFrameOf<"publish">,
): Promise<undefined> {
  if (connection.isHeldBack(frame.round, frame.ref)) throw new ProtocolError("out_of_order");
  charge(context, connection, identity, frame.text);
  const { user } = identity;
  const { room, id, files = [] } = frame;
  const standing = await admit(context, user, frame);
  const attached = await context.files.attach({ room, user: user.id, id }, files);
  new Publish(context, replies, connection, user, frame, encodeMessage(user, frame, standing, attached)).send();
}
