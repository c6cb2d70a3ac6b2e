import type { Accepted, EventRequest, PendingEvent } from "@hubbub/broker";
import { encodeMessage, isPlain } from "@hubbub/chat";
import { type ClientFrameOf, isOrdinary, ProtocolError, type PublicUser } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeAck } from "../connections/frames.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import { admit } from "./admit.ts";
import { charge } from "./charges.ts";
import type { HandlerResult } from "./handler-result.ts";
import type { Replies } from "./replies.ts";

/** Synchronous up to the acceptor when the membership is cached, so that publishes keep their order. */
export function publish(
  context: Context,
  replies: Replies,
  connection: Connection,
  identity: Identity,
  frame: ClientFrameOf<"publish">,
): HandlerResult {
  if (connection.isHeldBack(frame.round, frame.ref)) throw new ProtocolError("out_of_order");
  charge(context, connection, identity, frame.text);
  const { user } = identity;
  const cached = context.membership.cached(frame.room, user.id);
  if (cached !== undefined && isPlain(frame) && isOrdinary(cached)) {
    new Publish(context, replies, connection, user, frame, encodeMessage(user, frame, cached)).send();
    return undefined;
  }
  return admit(context, user, frame).then((standing) => {
    new Publish(context, replies, connection, user, frame, encodeMessage(user, frame, standing)).send();
    return undefined;
  });
}

/** The one object of a publish or of a change of a message, from the frame to its ack. */
export class Publish implements PendingEvent {
  readonly request: EventRequest;
  readonly bytes: number;
  tries = 0;
  readonly #context: Context;
  readonly #replies: Replies;
  readonly #connection: Connection;
  readonly #frame: ClientFrameOf<"publish" | "edit" | "delete" | "react" | "pin">;
  readonly #startedAt = performance.now();

  constructor(
    context: Context,
    replies: Replies,
    connection: Connection,
    user: PublicUser,
    frame: ClientFrameOf<"publish" | "edit" | "delete" | "react" | "pin">,
    body: string,
  ) {
    const { room, id } = frame;
    this.request = { room, user: user.id, id, body };
    this.bytes = Buffer.byteLength(body);
    this.#context = context;
    this.#replies = replies;
    this.#connection = connection;
    this.#frame = frame;
  }

  /** An earlier event was refused while this one waited. */
  get isStale(): boolean {
    return this.#connection.isHeldBack(this.#frame.round, this.#frame.ref);
  }

  /** @throws ProtocolError rate_limited: of the room or the cluster */
  send(): void {
    this.#context.limits.chargeEvent(this.request.room);
    this.#connection.inflight += 1;
    this.#replies.begin();
    this.#context.acceptor.take(this);
  }

  resolve(accepted: Accepted): void {
    const { metrics, flusher } = this.#context;
    this.#connection.inflight -= 1;
    metrics.accepted(accepted.state, performance.now() - this.#startedAt);
    this.#connection.sendWith(flusher, encodeAck(this.#frame.ref, this.#frame.room, accepted));
    this.#replies.end();
  }

  reject(error: unknown): void {
    this.#connection.inflight -= 1;
    this.#replies.fail(this.#connection, this.#frame, error);
  }
}
