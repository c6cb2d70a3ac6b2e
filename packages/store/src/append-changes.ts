import { type RoomEvent, targetOf } from "@hubbub/protocol";
import type { Statement } from "./database.ts";
import { DELETED_CONTENTS } from "./deleted-contents.ts";
import { EVENTS } from "./event-row.ts";
import { FORMER_ROWS, FORMER_TEXTS } from "./former-texts.ts";
import { AFTER_COMMIT, NOTED_MENTIONS } from "./noted-mentions.ts";
import { heldAs } from "./offset-fence.ts";
import { PROJECTED_REACTIONS } from "./projected-reactions.ts";
import { PROJECTED_STATES } from "./projected-states.ts";
import { JOURNALED } from "./search-journal.ts";
import type { WriterCommit } from "./store.ts";

/**
 * As the statement of `append`, for batches with mentions, or with events that change earlier messages. Most batches have
 * none.
 *
 * The projection (`message_state`, `reactions`) of a message is a function of the events with that target, however they were
 * batched or read again: rows that were stored before are not in `written`, and change nothing. The statement sees neither
 * its own rows nor its own updates. Only the one writer with the lease changes a projection, so what it reads is the newest:
 * a statement that had to wait for another batch finds another offset. The texts of a deleted message and of its edits are
 * emptied, and its files released, in the same transaction.
 *
 * A room may keep no earlier texts: then an edit empties the one that it replaces.
 *
 * A target may be a seq that its message had in an epoch that is lost: `move` has noted the present one.
 *
 * Messages with `was`, which is empty and not stored where no seq is lost, may have changes that are stored already. Without an
 * id they are not inserted: only their projection is computed.
 *
 * A message that somebody else than its author deletes is an entry of the audit.
 */
const appendChangesAs = (strength: WriterCommit): Statement => ({
  name: "events-append-changes",
  isUrgent: true,
  text: `
    with ${heldAs(strength)}, named as (
      select
        e.room_id, e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to,
        coalesce(m.seq, e.target) as target, e.extra::jsonb as extra
      from ${EVENTS}
      left join lateral (
        select m.seq from hubbub.moved_events m
        where m.room_id = e.room_id and m.lost_seq = e.target and (
          select true from hubbub.events r where r.room_id = m.room_id and r.seq = m.lost_seq limit 1
        ) is null
        limit 1
      ) m on (e.room_id, e.target) not in (select * from unnest($5::uuid[], $6::bigint[]))
    ), moved as (
      select room_id, seq from named where extra ? 'was'
    ), deleted_messages as (
      select m.room_id, m.seq from moved m
      where (
        select true from hubbub.events d
        where d.room_id = m.room_id and d.target = m.seq and d.kind = 'delete' limit 1
      )
      union all
      select n.room_id, n.target from named n
      where n.kind = 'edit' and coalesce((
        select s.deleted_seq is not null from hubbub.message_state s where s.room_id = n.room_id and s.seq = n.target limit 1
      ), (
        select true from hubbub.events d
        where d.room_id = n.room_id and d.target = n.target and d.kind = 'delete' limit 1
      ))
      union all
      select room_id, target from named where kind = 'delete'
    ), ${FORMER_ROWS}, judged as (
      select *, case when extra->'was' = '[]' then nullif(extra - 'was', '{}') else extra end as kept,
        (room_id, seq) in (select room_id, seq from former) as is_former, (room_id, case kind when 'edit' then target when 'message' then seq end) in
        (select room_id, seq from deleted_messages) as is_deleted
      from named
    ), written as (
      insert into hubbub.events
        (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      select
        room_id, seq, epoch, at, kind, user_id, event_id, case when is_deleted is not true and not is_former then text end, reply_to, target,
        case when is_deleted then nullif(kept - 'mentions' - 'files', '{}') else kept end
      from held, judged where event_id is not null
      on conflict do nothing
      returning room_id, seq, at, kind, user_id, event_id, text, target, extra
    ), ${PROJECTED_STATES}, ${DELETED_CONTENTS}, ${FORMER_TEXTS}, ${PROJECTED_REACTIONS}, ${NOTED_MENTIONS}, ${JOURNALED}
    select shard, (${AFTER_COMMIT}
    ) as after
    from held`,
});

export const APPEND_CHANGES = { local: appendChangesAs("local"), on: appendChangesAs("on") };

export function hasChanges(events: readonly RoomEvent[]): boolean {
  return events.some(
    (event) => targetOf(event) !== undefined || event.was !== undefined || (event.kind === "message" && event.mentions),
  );
}
