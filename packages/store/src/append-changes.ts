import { type RoomEvent, targetOf } from "@hubbub/protocol";
import { commitAs } from "./commit-strength.ts";
import type { Statement } from "./database.ts";
import type { WriterCommit } from "./store.ts";

/** Characters of a message that a mentioned user is told. */
const PREVIEW_MAX = 120;

/**
 * As the statement of `append`, for batches with mentions, or with events that change earlier messages. Most batches have
 * none.
 *
 * The projection (`message_state`, `reactions`) of a message is computed anew from all events with that target: the rows, and
 * those of this batch, which the statement itself does not see as rows. So it is a function of the rows, however they were
 * batched or read again. The texts of a deleted message and of its edits are emptied, and its files
 * released, in the same transaction.
 *
 * A target may be a seq that its message had in an epoch that is lost: `move` has noted the present one.
 *
 * A message that somebody else than its author deletes is an entry of the audit.
 *
 * Names in mentions are looked up here and not when a message is accepted: that asks no database. Authors of a thread and
 * the users it mentions follow it.
 */
const appendChangesAs = (strength: WriterCommit): Statement => ({
  name: "events-append-changes",
  isUrgent: true,
  text: `
    with held as (
      update hubbub.shards set "offset" = $4 where shard = $1 and token = $2 and "offset" = $3
      returning shard, ${commitAs(strength)}
    ), named as (
      select
        e.room_id, e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to,
        coalesce(m.seq, e.target) as target, e.extra::jsonb as extra
      from unnest(
        $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::uuid[], $11::text[], $12::text[],
        $13::bigint[], $14::bigint[], $15::text[]
      ) as e (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      left join hubbub.moved_events m on m.room_id = e.room_id and m.lost_seq = e.target
        and not exists (select from hubbub.events r where r.room_id = m.room_id and r.seq = m.lost_seq)
        and (m.room_id, m.lost_seq) not in (select * from unnest($5::uuid[], $6::bigint[]))
    ), moved as (
      select room_id, seq from named where extra ? 'was'
    ), deleted_messages as (
      select m.room_id, m.seq from moved m
      where exists (select from hubbub.events d where d.room_id = m.room_id and d.target = m.seq and d.kind = 'delete')
      union all
      select s.room_id, s.seq from named n join hubbub.message_state s on s.room_id = n.room_id and s.seq = n.target
      where n.kind = 'edit' and s.deleted_seq is not null
      union all
      select room_id, target from named where kind = 'delete'
    ), judged as (
      select *, (room_id, case kind when 'edit' then target when 'message' then seq end) in
        (select room_id, seq from deleted_messages) as is_deleted
      from named
    ), written as (
      insert into hubbub.events
        (room_id, seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra)
      select
        room_id, seq, epoch, at, kind, user_id, event_id, case when is_deleted is not true then text end, reply_to, target,
        case when is_deleted then nullif(extra - 'mentions' - 'files', '{}') else extra end
      from held, judged
      on conflict do nothing
      returning room_id, seq, at, kind, user_id, event_id, text, target, extra
    ), touched as (
      select room_id, target from written where target is not null
      union
      select room_id, seq from held, moved
    ), changes as (
      select room_id, seq, at, kind, user_id, text, target, extra from written where target is not null
      union all
      select e.room_id, e.seq, e.at, e.kind, e.user_id, e.text, e.target, e.extra
      from touched t join hubbub.events e on e.room_id = t.room_id and e.target = t.target
    ), states as (
      select
        room_id, target as seq,
        min(seq) filter (where kind = 'delete') as deleted_seq,
        count(*) filter (where kind = 'edit') as edits,
        (array_agg(seq order by seq desc) filter (where kind = 'edit'))[1] as edited_seq,
        (array_agg(at order by seq desc) filter (where kind = 'edit'))[1] as edited_at,
        (array_agg(text order by seq desc) filter (where kind = 'edit'))[1] as text,
        (array_agg(case when extra->'remove' is null then seq end order by seq desc) filter (where kind = 'pin'))[1] as pinned_seq,
        count(*) filter (where kind = 'message') as reply_count,
        max(seq) filter (where kind = 'message') as last_reply_seq,
        max(at) filter (where kind = 'message') as last_reply_at
      from changes group by room_id, target
    ), projected as (
      insert into hubbub.message_state as s
        (room_id, seq, text, edited_seq, edited_at, edits, deleted_seq, pinned_seq,
          reply_count, last_reply_seq, last_reply_at)
      select
        room_id, seq,
        case when deleted_seq is null then text end,
        case when deleted_seq is null then edited_seq end,
        case when deleted_seq is null then edited_at end,
        case when deleted_seq is null then edits else 0 end,
        deleted_seq,
        case when deleted_seq is null then pinned_seq end,
        reply_count, last_reply_seq, last_reply_at
      from states
      on conflict (room_id, seq) do update set
        text = excluded.text, edited_seq = excluded.edited_seq, edited_at = excluded.edited_at, edits = excluded.edits,
        deleted_seq = excluded.deleted_seq, pinned_seq = excluded.pinned_seq, reply_count = excluded.reply_count,
        last_reply_seq = excluded.last_reply_seq, last_reply_at = excluded.last_reply_at
    ), emptied as (
      update hubbub.events e set text = null, extra = nullif(e.extra - 'mentions' - 'files', '{}')
      from states s
      where s.deleted_seq is not null and e.room_id = s.room_id and e.text is not null
        and (e.seq = s.seq or (e.target = s.seq and e.kind = 'edit'))
    ), deleted as (
      select w.room_id, w.user_id, w.event_id
      from written w join states s on s.room_id = w.room_id and s.seq = w.seq
      where w.kind = 'message' and s.deleted_seq is not null
      union all
      select e.room_id, e.user_id, e.event_id
      from states s join hubbub.events e on e.room_id = s.room_id and e.seq = s.seq
      where s.deleted_seq is not null and e.extra ? 'files'
    ), released as (
      update hubbub.files f set released_at = clock_timestamp() from deleted d
      where f.room_id = d.room_id and f.user_id = d.user_id and f.event_id = d.event_id and f.released_at is null
    ), audited as (
      insert into hubbub.audit (actor, act, subject_id, room_id, seq)
      select w.user_id::text, 'message_delete', m.user_id, w.room_id, w.target
      from written w
      join states s on s.room_id = w.room_id and s.deleted_seq = w.seq
      join (
        select room_id, seq, user_id from written where kind = 'message'
        union all
        select e.room_id, e.seq, e.user_id
        from touched t join hubbub.events e on e.room_id = t.room_id and e.seq = t.target
      ) m on m.room_id = w.room_id and m.seq = w.target
      where w.kind = 'delete' and m.user_id <> w.user_id
    ), latest as (
      select distinct on (c.room_id, c.target, c.user_id, c.extra->>'emoji')
        c.room_id, c.target as seq, c.extra->>'emoji' as emoji, c.user_id, c.seq as added_seq,
        c.extra->'remove' is null or c.extra->'remove' = 'false' as is_there
      from changes c
      where c.kind = 'react'
      order by c.room_id, c.target, c.user_id, c.extra->>'emoji', c.seq desc
    ), removed as (
      delete from hubbub.reactions r using states s
      where r.room_id = s.room_id and r.seq = s.seq and (
        s.deleted_seq is not null or exists (
          select from latest l
          where l.room_id = r.room_id and l.seq = r.seq and l.emoji = r.emoji and l.user_id = r.user_id and not l.is_there
        )
      )
    ), added as (
      insert into hubbub.reactions (room_id, seq, emoji, user_id, added_seq)
      select l.room_id, l.seq, l.emoji, l.user_id, l.added_seq
      from latest l join states s on s.room_id = l.room_id and s.seq = l.seq
      where l.is_there and s.deleted_seq is null
      on conflict do nothing
    ), mentioned as (
      select w.room_id, w.seq, m.user_id, w.user_id as by_id, w.target
      from written w
      cross join lateral jsonb_array_elements_text(w.extra->'mentions'->'names') as name
      join hubbub.users u on lower(u.username collate "C") = name collate "C"
      join hubbub.members m on m.room_id = w.room_id and m.user_id = u.id
      where w.kind = 'message' and u.id <> w.user_id
      union all
      select room_id, seq, null, user_id, null from written where kind = 'message' and extra->'mentions' ? 'room'
    ), noted as (
      insert into hubbub.mentions (room_id, seq, user_id, by_id)
      select m.room_id, m.seq, m.user_id, m.by_id from mentioned m
      where not exists (
        select from states s where s.room_id = m.room_id and s.seq = m.seq and s.deleted_seq is not null
      )
      on conflict do nothing
    ), unnoted as (
      delete from hubbub.mentions m using states s
      where s.deleted_seq is not null and m.room_id = s.room_id and m.seq = s.seq
    ), followed as (
      insert into hubbub.thread_follows (user_id, room_id, seq, is_following)
      select user_id, room_id, target, true from written where kind = 'message' and target is not null
      union
      select m.user_id, m.room_id, m.target, true from mentioned m
      where m.target is not null
        and not exists (select from hubbub.blocks where user_id = m.user_id and blocked_id = m.by_id)
      union
      select root.user_id, w.room_id, w.target, true
      from written w join hubbub.events root on root.room_id = w.room_id and root.seq = w.target
      where w.kind = 'message'
      union
      select root.user_id, w.room_id, w.target, true
      from written w join written root on root.room_id = w.room_id and root.seq = w.target
      where w.kind = 'message'
      on conflict do nothing
    )
    select shard, (
      select jsonb_agg(one) from (
        select jsonb_build_object('room', room_id, 'seq', max(seq)) as one from written
        where kind = 'delete' or (text is null and (kind = 'edit' or kind = 'message')) group by room_id
        union all
        select jsonb_build_object(
          'room', m.room_id, 'seq', m.seq, 'user', m.user_id, 'preview', left(w.text, ${PREVIEW_MAX}),
          'by', jsonb_build_object('id', m.by_id, 'username', coalesce(u.username, 'unknown'))
        )
        from mentioned m
        join written w on w.room_id = m.room_id and w.seq = m.seq and w.text is not null
        left join hubbub.users u on u.id = m.by_id
        where m.user_id is not null and not exists (
          select from hubbub.room_preferences p
          where p.user_id = m.user_id and p.room_id = m.room_id and p.level = 'nothing'
        )
        and not exists (select from hubbub.blocks where user_id = m.user_id and blocked_id = m.by_id)
      ) after
    ) as after
    from held`,
});

export const APPEND_CHANGES = { local: appendChangesAs("local"), on: appendChangesAs("on") };

export function hasChanges(events: readonly RoomEvent[]): boolean {
  return events.some(
    (event) => targetOf(event) !== undefined || event.was !== undefined || (event.kind === "message" && event.mentions),
  );
}
