import { admitMessage } from "@hubbub/chat";
import type { ClientFrameOf, PublicUser, Standing } from "@hubbub/protocol";
import type { Context } from "../context.ts";

/** Checks a message of a thread, or whose author is not known to be an ordinary member of an ordinary room. */
export async function admit(
  { membership, broker, changes, files }: Context,
  { id: user }: PublicUser,
  { room, id, thread, files: named = [] }: ClientFrameOf<"publish">,
): Promise<Standing> {
  const standing = await membership.require(room, user);
  await changes.checkThread(room, thread, standing);
  const message = { room, user, id };
  await admitMessage(broker.turns, standing, message, () => files.check(message, named));
  return standing;
}
