import type { ClientFrameOf } from "@hubbub/protocol";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import type { HandlerResult } from "./handler-result.ts";

/** Moves the read mark of the user forwards. There is no answer. */
export function read(context: Context, { user }: Identity, { room, seq }: ClientFrameOf<"read">): HandlerResult {
  if (context.membership.cached(room, user.id) === undefined) {
    // The next frame of the connection waits for the look-up, so there is one at a time.
    return context.membership.require(room, user.id).then(() => {
      context.readMarks.read({ room, user: user.id, seq });
      return undefined;
    });
  }
  context.readMarks.read({ room, user: user.id, seq });
  return undefined;
}
