import { admitMessage } from "@hubbub/chat";
import type { ClientFrameOf, PublicUser, Standing } from "@hubbub/protocol";
import type { Context } from "../context.ts";

/** Checks a message whose author is not known to be an ordinary member of an ordinary room. */
export async function admit(
  { membership, broker }: Context,
  { id: user }: PublicUser,
  { room, id }: ClientFrameOf<"publish">,
): Promise<Standing> {
  const standing = await membership.require(room, user);
  await admitMessage(broker.turns, standing, { room, user, id });
  return standing;
}
