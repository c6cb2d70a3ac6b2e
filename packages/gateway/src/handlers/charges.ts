import { publishCost } from "@hubbub/broker";
import { ProtocolError } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";
import type { Connection } from "../connections/connection.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";

const INFLIGHT_RETRY_AFTER_MS = 500;

export function charge({ limits, settings }: Context, connection: Connection, { user }: Identity, text: string): void {
  limits.chargePublish(connection, user, publishCost(text));
  if (connection.inflight < settings.INFLIGHT_PUBLISHES_PER_CONNECTION) return;
  const retryAfterMs = spread(INFLIGHT_RETRY_AFTER_MS);
  throw new ProtocolError("overloaded", "too many publishes of this connection wait for their ack", { retryAfterMs });
}
