import { publishCost } from "@hubbub/broker";
import { ProtocolError, type PublicUser } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";
import type { Connection } from "../connections/connection.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";

const INFLIGHT_RETRY_AFTER_MS = 500;

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

export function charge(context: Context, connection: Connection, { user }: Identity, text: string): void {
  chargePublish(context, connection, user, { what: "publishes", cost: publishCost(text) });
  if (connection.inflight < context.settings.INFLIGHT_PUBLISHES_PER_CONNECTION) return;
  const retryAfterMs = spread(INFLIGHT_RETRY_AFTER_MS);
  throw new ProtocolError("overloaded", "too many publishes of this connection wait for their ack", { retryAfterMs });
}
