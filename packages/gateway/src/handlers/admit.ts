import { admitMessage } from "@hubbub/chat";
import { type ClientFrameOf, ProtocolError, type PublicUser, type Standing } from "@hubbub/protocol";
import type { Context } from "../context.ts";

/** Checks a message whose author is not known to be an ordinary member of an ordinary room. */
export async function admit(
  { membership, broker }: Context,
  { id: user }: PublicUser,
  { room, id }: ClientFrameOf<"publish">,
  cached: Standing | undefined,
): Promise<Standing> {
  const standing = cached ?? (await membership.standing(room, user));
  if (standing === null) throw new ProtocolError("not_member");
  await admitMessage(broker.turns, standing, { room, user, id });
  return standing;
}
