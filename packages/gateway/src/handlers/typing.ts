import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection, Identity } from "../ws/connection.ts";
import { encodeSignal } from "../ws/frames.ts";
import type { Parts } from "../ws/parts.ts";
import type { Outcome } from "./outcome.ts";

/** Never numbered, never kept, not answered. Charged like a publish, for it reaches as many. */
export function typing(
  parts: Parts,
  connection: Connection,
  { user }: Identity,
  { room }: ClientFrameOf<"typing">,
): Outcome {
  const retryAfterMs = connection.publishes.take(performance.now());
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", "too many signals", { retryAfterMs });
  if (parts.membership.peek(room, user.id) === undefined) throw new ProtocolError("not_member");
  return { answered: parts.broker.publishSignal(room, encodeSignal({ room, by: user, kind: "typing" })) };
}
