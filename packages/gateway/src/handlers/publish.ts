import { publishCost, type Waiter } from "@hubbub/broker";
import { type ClientFrameOf, encodeMessageBody, ProtocolError, type PublicUser } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";
import type { Connection, Identity } from "../connections/connection.ts";
import { type Accepted, encodeAck } from "../connections/frames.ts";
import type { Context } from "../context.ts";
import type { Errand, ErrandOwner, Outcome } from "./outcome.ts";

const INFLIGHT_RETRY_AFTER_MS = 500;

/** Synchronous up to the acceptor when the membership is at hand, so that publishes keep their order. */
export function publish(
  parts: Context,
  connection: Connection,
  identity: Identity,
  frame: ClientFrameOf<"publish">,
): Outcome {
  if (connection.isHeldBack(frame.round, frame.ref)) throw new ProtocolError("out_of_order");
  charge(parts, connection, identity, frame.text);
  if (parts.membership.knows(frame.room, identity.user.id)) {
    return new Publishing(parts, connection, identity.user, frame);
  }
  return parts.membership.role(frame.room, identity.user.id).then((role) => {
    if (role === null) throw new ProtocolError("not_member");
    return new Publishing(parts, connection, identity.user, frame);
  });
}

/**
 * What reaches a whole room takes from the rates of its connection, its user and its address. A new connection brings a
 * new burst of its own, and none of its user or address. `cost`: as how many it counts for user and address.
 */
export function chargePublish(
  parts: Context,
  connection: Connection,
  user: PublicUser,
  { what, cost }: { what: string; cost: number },
): void {
  const now = performance.now();
  const retryAfterMs =
    connection.publishes.take(now) ||
    parts.addressPublishes.take(connection.address, now) ||
    parts.userPublishes.take(user.id, now, cost);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", `too many ${what}`, { retryAfterMs });
  if (cost > 1) parts.addressPublishes.spend(connection.address, cost - 1, now);
}

function charge(parts: Context, connection: Connection, { user }: Identity, text: string): void {
  const { settings } = parts;
  chargePublish(parts, connection, user, { what: "publishes", cost: publishCost(text) });
  if (connection.inflight >= settings.INFLIGHT_PUBLISHES_PER_CONNECTION) {
    throw new ProtocolError("overloaded", "too many publishes of this connection wait for their ack", {
      retryAfterMs: spread(INFLIGHT_RETRY_AFTER_MS),
    });
  }
}

/** A message on its way. */
class Publishing implements Errand, Waiter {
  readonly #parts: Context;
  readonly #connection: Connection;
  readonly #user: PublicUser;
  readonly #frame: ClientFrameOf<"publish">;
  #owner: ErrandOwner | undefined;
  #began = 0;

  constructor(parts: Context, connection: Connection, user: PublicUser, frame: ClientFrameOf<"publish">) {
    this.#parts = parts;
    this.#connection = connection;
    this.#user = user;
    this.#frame = frame;
  }

  begin(owner: ErrandOwner): void {
    const { room, id, text, replyTo } = this.#frame;
    const body = encodeMessageBody(JSON.stringify(this.#user), id, text, replyTo);
    this.#owner = owner;
    this.#began = performance.now();
    this.#connection.inflight += 1;
    this.#parts.acceptor.take({ room, user: this.#user.id, id, body }, this);
  }

  /** An event before this one was refused while this one waited. */
  get isStale(): boolean {
    return this.#connection.isHeldBack(this.#frame.round, this.#frame.ref);
  }

  resolve(accepted: Accepted): void {
    const { metrics, flusher } = this.#parts;
    this.#connection.inflight -= 1;
    metrics.accepted(accepted.state, performance.now() - this.#began);
    this.#connection.sendWith(flusher, encodeAck(this.#frame.ref, this.#frame.room, accepted));
    this.#owner?.done();
  }

  reject(error: unknown): void {
    this.#connection.inflight -= 1;
    this.#owner?.failed(this.#connection, this.#frame, error);
  }
}
