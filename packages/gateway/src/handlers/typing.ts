import { type ClientFrameOf, ProtocolError, type PublicUser, type RoomId } from "@hubbub/protocol";
import type { Connection, Identity } from "../ws/connection.ts";
import { encodeSignal } from "../ws/frames.ts";
import type { Parts } from "../ws/parts.ts";
import type { Outcome } from "./outcome.ts";

/** Never numbered, never kept, not answered; the first thing that a gateway under strain leaves undone. Charged like a publish, for it reaches as many. */
export function typing(
  parts: Parts,
  connection: Connection,
  { user }: Identity,
  { room }: ClientFrameOf<"typing">,
): Outcome {
  const retryAfterMs = connection.publishes.take(performance.now());
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", "too many signals", { retryAfterMs });
  if (parts.strain.sheds("typing")) return undefined;
  return { answered: signal(parts, room, user) };
}

async function signal({ membership, broker }: Parts, room: RoomId, user: PublicUser): Promise<void> {
  const isMember = membership.knows(room, user.id) || (await membership.role(room, user.id)) !== null;
  if (!isMember) throw new ProtocolError("not_member");
  await broker.publishSignal(room, encodeSignal({ room, by: user, kind: "typing" }));
}
