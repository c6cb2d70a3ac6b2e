import { admitMessage } from "@hubbub/chat";
import type { ClientFrameOf, PublicUser, Standing } from "@hubbub/protocol";
import type { Context } from "../context.ts";

/** Checks a message whose author is not known to be an ordinary member of an ordinary room. */
export async function admit(
  { membership, broker, files }: Context,
  { id: user }: PublicUser,
  { room, id, files: named = [] }: ClientFrameOf<"publish">,
): Promise<Standing> {
  const standing = await membership.require(room, user);
  const message = { room, user, id };
  await admitMessage(broker.turns, standing, message, () => files.check(message, named));
  return standing;
}
