import { type ClientFrameOf, ProtocolError, type UserId } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import type { Identity } from "../connections/identity.ts";
import { enqueue } from "../connections/room-queue.ts";
import type { Context } from "../context.ts";
import { untilHiddenPassed } from "./hidden-history.ts";
import type { Replies } from "./replies.ts";
import { claim, type Subscribe, subscribe } from "./subscribe.ts";

/**
 * Rooms of a list, or one room in head mode. Each has its own answer. The next frame of the connection waits until all of
 * them are open.
 */
export async function subscribeMany(
  context: Context,
  replies: Replies,
  connection: Connection,
  identity: Identity,
  frame: ClientFrameOf<"subscribe">,
): Promise<undefined> {
  const { ref, room: only, rooms, mode } = frame;
  const list = rooms ?? (only === undefined ? [] : [{ room: only, mode }]);
  context.limits.chargeList(identity.user, list.length);
  const opened = list.map(async ({ mode: ownMode = mode, ...one }) => {
    const subscription: Subscribe = { type: "subscribe", ref, ...one };
    try {
      if (ownMode === "head") await subscribeHead(context, connection, identity.user.id, subscription);
      else replies.expect(connection, subscription, await subscribe(context, connection, identity, subscription));
    } catch (error) {
      replies.begin();
      replies.fail(connection, subscription, error);
    }
  });
  await Promise.all(opened);
  return undefined;
}

/** Joins the room as a subscribe to its events does, but takes another topic, and has nothing to catch up with. */
function subscribeHead(
  context: Context,
  connection: Connection,
  user: UserId,
  { ref, room }: Subscribe,
): Promise<void> {
  const { hub, headFeeds, settings } = context;
  return enqueue(connection, room, async () => {
    if (!connection.isOpen) return;
    const id = hub.find(room)?.id ?? room;
    const subscription = claim(connection, id, settings.SUBSCRIPTIONS_PER_CONNECTION);
    let from = 0;
    try {
      const standing = await context.membership.require(id, user);
      from = standing.from;
      subscription.live ??= await hub.join(id);
      await untilHiddenPassed(context, id, standing);
      const isCurrent = connection.isOpen && connection.subscriptions.get(id) === subscription;
      if (!isCurrent) throw new ProtocolError("not_member");
    } catch (error) {
      hub.leave(connection, id, subscription);
      throw error;
    }
    subscription.state = "head";
    const live = hub.joined(id);
    headFeeds.add(connection, live, from);
    const { toldEpoch: epoch, last: head } = live;
    connection.send(JSON.stringify({ type: "subscribed", ref, room: id, epoch, head, recovered: true, mode: "head" }));
  });
}
