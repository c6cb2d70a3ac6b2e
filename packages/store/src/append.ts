import { insertNew } from "./append-again.ts";
import { APPEND_CHANGES, hasChanges } from "./append-changes.ts";
import type { Database, Statement } from "./database.ts";
import { EVENTS } from "./event-row.ts";
import { runWithMoves } from "./move.ts";
import { assertHeld, heldAs, offsetFence } from "./offset-fence.ts";
import { JOURNALED, toParameters } from "./search-journal.ts";
import type { AfterAppend, AppendBatch, WriterCommit } from "./store.ts";

/** One statement is one transaction and one round trip. */
const appendAs = (strength: WriterCommit, onConflict = ""): Statement => ({
  name: onConflict === "" ? "events-append" : "events-append-again",
  isUrgent: true,
  text: `
    with ${heldAs(strength)}, written as (
      insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      select e.room_id, e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to, e.target, e.extra::jsonb
      from held, ${EVENTS} ${onConflict}
    ), ${JOURNALED}
    select shard from held`,
});
const both = (strength: WriterCommit) => [appendAs(strength), appendAs(strength, "on conflict do nothing")] as const;
const APPEND = { local: both("local"), on: both("on") };

export async function append(
  database: Database,
  strength: WriterCommit,
  { lease, offset, events }: AppendBatch,
): Promise<AfterAppend> {
  const values = [...offsetFence(lease, offset), ...toParameters(events)];
  const held: readonly { after?: AfterAppend | null }[] = hasChanges(events)
    ? await runWithMoves(database, [APPEND_CHANGES[strength], values], { lease, events })
    : await insertNew(database, APPEND[strength], values);
  assertHeld(held, lease);
  return held[0]?.after ?? [];
}
