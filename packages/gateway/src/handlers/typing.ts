import { type ClientFrameOf, type PublicUser, type RoomId, requirePermission } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeFrame } from "../connections/frames.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import { overloaded } from "../overloaded.ts";
import type { HandlerResult } from "./handler-result.ts";

export const TYPING_MS = 3_000;
/** Signals of one connection that Redis has not taken yet. */
const INFLIGHT_PER_CONNECTION = 4;
/** The same for the whole gateway. Further signals are dropped. */
const INFLIGHT_MAX = 1_000;

/**
 * A signal is not numbered, stored or answered. It is charged like a publish, for it reaches as many, and is shed first. More
 * than one in `TYPING_MS` for a person and room is dropped: clients show the last one for longer.
 */
export function typing(
  context: Context,
  connection: Connection,
  { user }: Identity,
  { room }: ClientFrameOf<"typing">,
): HandlerResult {
  context.limits.chargePublish(connection, user, 1);
  if (context.typings.take(room + user.id) > 0) return undefined;
  if (connection.signals >= INFLIGHT_PER_CONNECTION) {
    throw overloaded("too many signals of this connection are under way");
  }
  if (context.signals.inflight >= INFLIGHT_MAX) {
    context.metrics.shed("typing");
    return undefined;
  }
  if (context.shedder.shouldShed("typing")) return undefined;
  return { replied: counted(context, connection, signal(context, room, user)) };
}

async function counted({ signals }: Context, connection: Connection, work: Promise<void>): Promise<void> {
  connection.signals += 1;
  signals.inflight += 1;
  try {
    await work;
  } finally {
    connection.signals -= 1;
    signals.inflight -= 1;
  }
}

async function signal({ membership, broker }: Context, room: RoomId, user: PublicUser): Promise<void> {
  requirePermission(await membership.require(room, user.id), "post");
  await broker.publishSignal(room, encodeFrame("signal", { room, by: user, kind: "typing" }));
}
