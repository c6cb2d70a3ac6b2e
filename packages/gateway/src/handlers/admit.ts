import { admitMessage } from "@hubbub/chat";
import type { ClientFrameOf, PublicUser, Standing } from "@hubbub/protocol";
import type { Context } from "../context.ts";

/** Checks a message that names another one or all members, or whose author is not known to be an ordinary member of an ordinary room. */
export async function admit(
  { membership, broker, changes, files }: Context,
  { id: user }: PublicUser,
  frame: ClientFrameOf<"publish">,
): Promise<Standing> {
  const { room, id, files: named = [] } = frame;
  const standing = await changes.checkNamed(room, frame, await membership.require(room, user));
  const message = { room, user, id };
  await admitMessage(broker.turns, standing, message, () => files.check(message, named));
  return standing;
}
