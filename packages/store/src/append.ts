import { APPEND_CHANGES, hasChanges } from "./append-changes.ts";
import type { Database, Statement } from "./database.ts";
import { EVENTS } from "./event-row.ts";
import { runWithMoves } from "./move.ts";
import { assertHeld, heldAs, offsetFence } from "./offset-fence.ts";
import { JOURNALED, toParameters } from "./search-journal.ts";
import type { AfterAppend, AppendBatch, WriterCommit } from "./store.ts";

/** One statement is one transaction and one round trip. */
const appendAs = (strength: WriterCommit): Statement => ({
  name: "events-append",
  isUrgent: true,
  text: `
    with ${heldAs(strength)}, written as (
      insert into hubbub.events
        (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      select
        e.room_id, e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to, e.target, e.extra::jsonb
      from held, ${EVENTS}
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
  const statement = hasChanges(events) ? APPEND_CHANGES[strength] : APPEND[strength];
  const values = [...offsetFence(lease, offset), ...toParameters(events)];
  const held = await runWithMoves<{ after?: AfterAppend | null }>(database, [statement, values], { lease, events });
  assertHeld(held, lease);
  return held[0]?.after ?? [];
}
