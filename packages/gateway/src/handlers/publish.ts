import { type Accepted, type EventRequest, type PendingEvent, publishCost } from "@hubbub/broker";
import { type ClientFrameOf, encodeMessageBody, ProtocolError, type PublicUser } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";
import type { Connection } from "../connections/connection.ts";
import { encodeAck } from "../connections/frames.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import type { HandlerResult } from "./handler-result.ts";
import type { Replies } from "./replies.ts";

const INFLIGHT_RETRY_AFTER_MS = 500;

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
  if (context.membership.knows(frame.room, user.id)) {
    new Publish(context, replies, connection, user, frame).send();
    return undefined;
  }
  return context.membership.role(frame.room, user.id).then((role) => {
    if (role === null) throw new ProtocolError("not_member");
    new Publish(context, replies, connection, user, frame).send();
    return undefined;
  });
}

/**
 * What reaches a whole room takes from the rates of its connection, its user and its address. A new connection brings a
 * new burst of its own, and none of its user or address. `cost`: as how many it counts for user and address.
 */
export function chargePublish(
  context: Context,
  connection: Connection,
  user: PublicUser,
  { what, cost }: { what: string; cost: number },
): void {
  const now = performance.now();
  const retryAfterMs =
    connection.publishes.take(now) ||
    context.addressPublishes.take(connection.address, now) ||
    context.userPublishes.take(user.id, now, cost);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", `too many ${what}`, { retryAfterMs });
  if (cost > 1) context.addressPublishes.spend(connection.address, cost - 1, now);
}

function charge(context: Context, connection: Connection, { user }: Identity, text: string): void {
  const { settings } = context;
  chargePublish(context, connection, user, { what: "publishes", cost: publishCost(text) });
  if (connection.inflight >= settings.INFLIGHT_PUBLISHES_PER_CONNECTION) {
    throw new ProtocolError("overloaded", "too many publishes of this connection wait for their ack", {
      retryAfterMs: spread(INFLIGHT_RETRY_AFTER_MS),
    });
  }
}

/** The one object of a publish, from the frame to its ack. */
class Publish implements PendingEvent {
  readonly request: EventRequest;
  readonly bytes: number;
  tries = 0;
  readonly #context: Context;
  readonly #replies: Replies;
  readonly #connection: Connection;
  readonly #frame: ClientFrameOf<"publish">;
  readonly #startedAt = performance.now();

  constructor(
    context: Context,
    replies: Replies,
    connection: Connection,
    user: PublicUser,
    frame: ClientFrameOf<"publish">,
  ) {
    const { room, id, text, replyTo } = frame;
    const body = encodeMessageBody(JSON.stringify(user), id, text, replyTo);
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

  send(): void {
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
