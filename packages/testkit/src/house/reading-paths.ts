import type { ReadingPath } from "./path-lines.ts";

/**
 * What a new maintainer reads of the four ways of an event: accept, deliver, store, resume. Comments and blank lines count.
 * A reader needs two evenings for the core path.
 */

/** Number one text, deliver it, store it, and bring one client up to date, while nothing fails. */
const happyPath: ReadingPath = {
  name: "happy path",
  maxLines: 3_500,
  read: [
    "gateway/src/context.ts",
    "gateway/src/ws/dispatch.ts",
    "gateway/src/connections/connection.ts",
    "gateway/src/connections/flusher.ts",
    "gateway/src/connections/frames.ts",
    "gateway/src/connections/subscription.ts",
    "gateway/src/handlers/handler-result.ts",
    "gateway/src/handlers/publish.ts",
    "gateway/src/handlers/replies.ts",
    "gateway/src/handlers/subscribe.ts",
    "gateway/src/rooms/catch-up.ts",
    "gateway/src/rooms/hub.ts",
    "gateway/src/rooms/live-room.ts",
    "gateway/src/rooms/pages.ts",
    "gateway/src/rooms/ring.ts",
    "broker/lua/accept.lua",
    "broker/lua/marks.lua",
    "broker/src/accept/acceptor.ts",
    "broker/src/accept/pending-event.ts",
    "broker/src/accept/shard-batcher.ts",
    "broker/src/keys.ts",
    "broker/src/redis/entries.ts",
    "broker/src/redis/redis-accept.ts",
    "broker/src/redis/redis-shard-log.ts",
    "broker/src/redis/redis-tail.ts",
    "broker/src/redis/subscriber.ts",
    "broker/src/roles/deliveries.ts",
    "broker/src/roles/room-log.ts",
    "broker/src/roles/shard-logs.ts",
    "broker/src/timeline.ts",
    "writer/src/batch-reader.ts",
    "writer/src/marks.ts",
    "writer/src/shard-writer.ts",
    "writer/src/slice.ts",
    "store/src/append.ts",
    "store/src/event-row.ts",
    "store/src/events.ts",
    "store/src/offset-fence.ts",
  ],
  skip: [],
};

/**
 * The whole of the four ways, with leases, bounds, slow clients and repairs. Recovery from a lost log, from a restored
 * database, after an interruption or a failover or from a refused row is not part of it: it is in the `recovery` folders, in
 * `dead-letter.ts` and in `stored-events.ts`.
 */
const corePath: ReadingPath = {
  name: "core path",
  maxLines: 6_200,
  read: [
    "gateway/src/background.ts",
    "gateway/src/connections",
    "gateway/src/context.ts",
    "gateway/src/control.ts",
    "gateway/src/handlers",
    "gateway/src/limit.ts",
    "gateway/src/load-shedder.ts",
    "gateway/src/membership.ts",
    "gateway/src/overloaded.ts",
    "gateway/src/rooms",
    "gateway/src/turn-throttle.ts",
    "gateway/src/ws",
    "broker/lua",
    "broker/src/accept",
    "broker/src/keys.ts",
    "broker/src/redis",
    "broker/src/roles",
    "broker/src/shard-of.ts",
    "broker/src/timeline.ts",
    "writer/src",
    "store/src/append.ts",
    "store/src/database.ts",
    "store/src/event-row.ts",
    "store/src/events.ts",
    "store/src/offset-fence.ts",
    "store/src/postgres-hosts.ts",
    "store/src/postgres.ts",
    "store/src/shards.ts",
    "store/src/stored-heads.ts",
    "store/src/unavailable.ts",
    "runtime/src/retry.ts",
    "protocol/src/event-head.ts",
  ],
  skip: [
    // Sign-in and the HTTP upgrade.
    "gateway/src/connections/deadlines.ts",
    "gateway/src/connections/identity.ts",
    "gateway/src/connections/unauthenticated.ts",
    "gateway/src/handlers/hello.ts",
    "gateway/src/ws/upgrade.ts",
    // Changes of messages.
    "broker/lua/forget.lua",
    "broker/src/redis/forget-tails.ts",
    "broker/src/roles/tails.ts",
    "gateway/src/handlers/change.ts",
    "writer/src/after-commit.ts",
    "writer/src/deleted-texts.ts",
    // Read marks, heads, and lists of rooms.
    "gateway/src/handlers/other-frames.ts",
    "gateway/src/handlers/read.ts",
    "gateway/src/handlers/subscribe-many.ts",
    // Messages with files.
    "gateway/src/handlers/publish-files.ts",
    // Mutes, slow mode and hidden history.
    "broker/src/redis/redis-turns.ts",
    "broker/src/roles/turns.ts",
    "gateway/src/handlers/admit.ts",
    "gateway/src/handlers/hidden-history.ts",
    // Presence and typing.
    "broker/src/redis/redis-presence.ts",
    "broker/src/roles/presence.ts",
    // What operators look at.
    "broker/src/redis/redis-figures.ts",
    "broker/src/roles/figures.ts",
    "gateway/src/handlers/typing.ts",
    // Budgets of users, and revocations.
    "broker/lua/spend.lua",
    "broker/src/redis/redis-revocations.ts",
    "broker/src/redis/redis-spending.ts",
    "broker/src/roles/revocations.ts",
    "broker/src/roles/spending.ts",
    // Checks at the start, generations of the log, the operator's check, and what Redis says of itself.
    "broker/src/redis/generations.ts",
    "broker/src/redis/inspection.ts",
    "broker/src/redis/redis-facts.ts",
    "broker/src/redis/redis-state.ts",
    "broker/src/redis/redis-url.ts",
    "broker/src/redis/start-check.ts",
    // Recovery.
    "broker/lua/recovery",
    "broker/src/redis/recovery",
    "writer/src/recovery",
  ],
};

export const readingPaths: readonly ReadingPath[] = [happyPath, corePath];
