import { CLOSE, type ClientFrameOf, encodeDurable, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodeSubscribed } from "../connections/frames.ts";
import type { Identity } from "../connections/identity.ts";
import { enqueue, isQueued } from "../connections/room-queue.ts";
import { type Position, type Subscription, topicOf } from "../connections/subscription.ts";
import type { Context } from "../context.ts";
import { tooManySubscriptions } from "../limits/told-limits.ts";
import { overloaded } from "../overloaded.ts";
import { type CatchUpOutcome, catchUp, type Joined, type Start } from "../rooms/catch-up.ts";
import type { PendingReply } from "./handler-result.ts";
import { behindHidden, untilHiddenPassed } from "./hidden-history.ts";

export type Subscribe = ClientFrameOf<"subscribe"> & { readonly room: RoomId };

/**
 * Joins the room first and reads what was missed then, so no event falls between. A repeated subscribe of a room syncs
 * again from `since`.
 *
 * The next frame of the connection waits until the hub has the room and the start of the catch-up is known. The catch-up
 * itself holds back only the next subscribe or unsubscribe of the same room.
 */
export async function subscribe(
  context: Context,
  connection: Connection,
  { user }: Identity,
  frame: Subscribe,
): Promise<PendingReply> {
  if (!isQueued(connection, frame.room)) {
    const opened = await open(context, connection, user.id, frame);
    return { replied: enqueue(connection, frame.room, () => follow(context, opened, frame)) };
  }
  const whole = async () => {
    if (connection.isOpen) await follow(context, await open(context, connection, user.id, frame), frame);
  };
  return { replied: enqueue(connection, frame.room, whole) };
}

type Opened = Joined & { readonly start: Start };

async function open(context: Context, connection: Connection, user: UserId, frame: Subscribe): Promise<Opened> {
  const { hub, settings, shedder } = context;
  // The string object of the room, so that connections share one copy.
  const id = hub.find(frame.room)?.id ?? frame.room;
  const subscription = claim(connection, id, settings.SUBSCRIPTIONS_PER_CONNECTION);
  try {
    const standing = await context.membership.require(frame.room, user);
    subscription.live ??= await hub.join(frame.room);
    await untilHiddenPassed(context, id, standing);
    const joined = { connection, subscription, live: subscription.live };
    const start = behindHidden(joined, await startOf(context, joined, frame.since), standing);
    if (start.seq < joined.live.ring.floor && shedder.shouldShed("history"))
      throw overloaded("this gateway does not keep up");
    return { ...joined, start };
  } catch (error) {
    hub.leave(connection, frame.room, subscription);
    throw error;
  }
}

async function follow(context: Context, opened: Opened, frame: Subscribe): Promise<void> {
  const { connection, subscription, live, start } = opened;
  let outcome: CatchUpOutcome = "left";
  try {
    outcome = await catchUp(context, opened, start, (isWhole) => {
      const { toldEpoch: epoch, last: head, mark, id: room } = live;
      const recovered = isWhole && start.recovered;
      connection.send(encodeSubscribed({ ref: frame.ref, room, epoch, head, recovered }));
      if (mark > 0) connection.send(encodeDurable(room, mark));
    });
  } finally {
    if (outcome !== "live") context.hub.leave(connection, frame.room, subscription);
  }
  if (outcome === "stalled") connection.close(CLOSE.slow, "slow");
  if (outcome === "left" && connection.isOpen) {
    throw new ProtocolError(subscription.state === "unwanted" ? "not_subscribed" : "not_member");
  }
}

const NOTHING = { seq: 0, epoch: 0 };

/** Adds the subscription before the first await, so that a removal of the member in the meantime finds it. */
export function claim(connection: Connection, room: RoomId, most: number): Subscription {
  const known = connection.subscriptions.get(room);
  if (known === undefined && connection.subscriptions.size >= most) throw tooManySubscriptions(most);
  // Flush while this connection still has the topic: its new cursor starts after the gathered frames. If they make it
  // slow, the former subscription is the one that is paused.
  known?.live?.flush();
  known?.live?.listeners.delete(connection);
  const subscription: Subscription = { state: "joining", live: known?.live ?? null, seen: NOTHING };
  if (known !== undefined) known.live = null;
  connection.removeTopic(topicOf(room, known?.state ?? "live"));
  connection.subscriptions.set(room, subscription);
  return subscription;
}

function startOf({ lostPositions }: Context, joined: Joined, since: Position | undefined): Start | Promise<Start> {
  const { last, epoch, toldEpoch } = joined.live;
  if (since === undefined) return { seq: last, epoch: toldEpoch, recovered: true };
  const isKnown = since.epoch === epoch && since.seq <= last;
  return isKnown ? { ...since, recovered: true } : lostPositions.startOf(joined, since);
}
