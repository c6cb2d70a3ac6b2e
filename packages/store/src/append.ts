import { APPEND_CHANGES, hasChanges } from "./append-changes.ts";
import { commitAs } from "./commit-strength.ts";
import type { Database, Statement } from "./database.ts";
import { runWithMoves } from "./move.ts";
import { JOURNALED, toParameters } from "./search-journal.ts";
import { type AfterAppend, type AppendBatch, LeaseLost, type WriterCommit } from "./store.ts";

/**
 * One statement is one transaction and one round trip. The rows hang on `held`: without the shard's row under this
 * token there is nothing to join with, and nothing is inserted.
 *
 * The offset must be where the writer left it: a store that fell back has lost rows and offset together. The writer then
 * acquires the lease again and reads the log from the store's offset.
 *
 * The statement is a fence, too, because `acquire` updates the same row: either the new owner waits for this batch and then
 * reads its offset, or this statement waits, re-checks the token and finds it gone.
 */
const appendAs = (strength: WriterCommit): Statement => ({
  name: "events-append",
  isUrgent: true,
  text: `
    with held as (
      update hubbub.shards set "offset" = $4 where shard = $1 and token = $2 and "offset" = $3
      returning shard, ${commitAs(strength)}
    ), written as (
      insert into hubbub.events
        (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      select
        e.room_id, e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to, e.target, e.extra::jsonb
      from held, unnest(
        $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::uuid[], $11::text[], $12::text[],
        $13::bigint[], $14::bigint[], $15::text[]
      ) as e (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      on conflict do nothing
    ), ${JOURNALED}
    select shard from held`,
});

const APPEND = { local: appendAs("local"), on: appendAs("on") };

export async function append(
  database: Database,
  strength: WriterCommit,
  { lease, offset, events }: AppendBatch,
): Promise<AfterAppend> {
  const { shard, token, offset: from } = lease;
  const statement = hasChanges(events) ? APPEND_CHANGES[strength] : APPEND[strength];
  const values = [shard, token, from, offset, ...toParameters(events)];
  const held = await runWithMoves<{ after?: AfterAppend | null }>(database, [statement, values], { lease, events });
  if (held.length === 0) throw new LeaseLost(`shard ${shard} is no longer held under token ${token} at ${from}`);
  return held[0]?.after ?? [];
}
