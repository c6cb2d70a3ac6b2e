import { type ClientFrameOf, encodeMessageBody, ProtocolError } from "@hubbub/protocol";
import type { Connection, Identity } from "../ws/connection.ts";
import { encodeAck } from "../ws/frames.ts";
import type { Parts } from "../ws/parts.ts";
import type { Answer, Outcome } from "./outcome.ts";

/** Synchronous up to the acceptor when the membership is at hand, so that publishes keep their order. */
export function publish(
  parts: Parts,
  connection: Connection,
  identity: Identity,
  frame: ClientFrameOf<"publish">,
): Outcome {
  charge(parts, connection);
  if (parts.membership.knows(frame.room, identity.user.id)) {
    return accept(parts, connection, identity, frame);
  }
  return parts.membership.role(frame.room, identity.user.id).then((role) => {
    if (role === null) throw new ProtocolError("not_member");
    return accept(parts, connection, identity, frame);
  });
}

function charge({ settings, addressPublishes }: Parts, connection: Connection): void {
  const now = performance.now();
  const retryAfterMs = connection.publishes.take(now) || addressPublishes.take(connection.address, now);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", "too many publishes", { retryAfterMs });
  if (connection.inflight >= settings.INFLIGHT_PUBLISHES_PER_CONNECTION) {
    throw new ProtocolError("overloaded", "too many publishes of this connection wait for their ack");
  }
}

function accept(
  parts: Parts,
  connection: Connection,
  { user }: Identity,
  { ref, room, id, text, replyTo }: ClientFrameOf<"publish">,
): Answer {
  const body = encodeMessageBody(JSON.stringify(user), id, text, replyTo);
  const began = performance.now();
  connection.inflight += 1;
  const answered = parts.acceptor.accept({ room, user: user.id, id, body }).then(
    (accepted) => {
      connection.inflight -= 1;
      parts.metrics.accepted(accepted.state, performance.now() - began);
      connection.sendWith(parts.flusher, encodeAck(ref, room, accepted));
    },
    (error: unknown) => {
      connection.inflight -= 1;
      throw error;
    },
  );
  return { answered };
}
