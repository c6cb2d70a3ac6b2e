/**
 * The states of the messages that the rows of `written` change.
 *
 * What is written after all stored changes of its message is added to the stored state, so that a change costs the same
 * whatever came before. `anew` has the messages whose state is computed from all rows: those that moved, those without a
 * state, and those whose change came late, which happens when a lost log comes back. So a state is a function of the rows
 * in both cases.
 *
 * `limit` and `offset` keep the planner from a join over all rows of a table, whatever number of keys it expects.
 */
export const PROJECTED_STATES = `
    touched as (
      select room_id, target, min(seq) as first from written where target is not null group by room_id, target
    ), anew as (
      select room_id, seq as target from held, moved
      union
      select t.room_id, t.target from touched t cross join lateral (
        select e.seq from hubbub.events e where e.room_id = t.room_id and e.target = t.target order by e.seq desc limit 1
      ) newest
      where newest.seq > t.first or (
        select true from hubbub.message_state s where s.room_id = t.room_id and s.seq = t.target limit 1
      ) is null
    ), changes as (
      select
        room_id, seq, at, kind, user_id, text, target, extra->>'emoji' as emoji,
        coalesce(extra->'remove' = 'true', false) as is_removal, true as is_new, false as is_anew
      from written where target is not null
      union all
      select
        e.room_id, e.seq, e.at, e.kind, e.user_id, e.text, e.target, e.extra->>'emoji',
        coalesce(e.extra->'remove' = 'true', false), false, true
      from anew a cross join lateral (
        select * from hubbub.events e where e.room_id = a.room_id and e.target = a.target offset 0
      ) e
    ), deltas as (
      select
        room_id, target, bool_or(is_anew) as is_anew,
        min(seq) filter (where kind = 'delete') as deleted_seq,
        min(seq) filter (where kind = 'delete' and is_new) as new_deletion,
        (array_agg(user_id order by seq) filter (where kind = 'delete'))[1] as deleted_by,
        count(*) filter (where kind = 'edit') as edits,
        max(seq) filter (where kind = 'edit') as edited_seq,
        (array_agg(at order by seq desc) filter (where kind = 'edit'))[1] as edited_at,
        (array_agg(text order by seq desc) filter (where kind = 'edit'))[1] as text,
        (array_agg(case when is_removal then 0 else seq end order by seq desc) filter (where kind = 'pin'))[1] as pin,
        count(*) filter (where kind = 'message') as replies,
        count(*) filter (where kind = 'message' and is_new) as new_replies,
        max(seq) filter (where kind = 'message') as last_reply_seq,
        max(at) filter (where kind = 'message') as last_reply_at
      from changes group by room_id, target
    ), states as (
      select
        d.room_id, d.target as seq, d.is_anew, d.new_replies,
        least(p.deleted_seq, d.deleted_seq) as deleted_seq, p.deleted_seq as deleted_before,
        case when d.new_deletion = least(p.deleted_seq, d.deleted_seq) then d.deleted_by end as new_deleted_by,
        case when d.is_anew and d.new_deletion is distinct from d.deleted_seq
          and (d.room_id, d.target) in (select room_id, seq from written where kind = 'message') then d.deleted_by
        end as deleted_before_by,
        case when d.edited_seq is null then p.text else d.text end as text,
        coalesce(d.edited_seq, p.edited_seq) as edited_seq,
        d.edited_seq is not null as has_new_edit, p.edited_seq as edited_before,
        coalesce(d.edited_at, p.edited_at) as edited_at,
        coalesce(p.edits, 0) + d.edits as edits,
        nullif(coalesce(d.pin, p.pinned_seq), 0) as pinned_seq,
        coalesce(p.reply_count, 0) + d.replies as reply_count,
        greatest(p.last_reply_seq, d.last_reply_seq) as last_reply_seq,
        greatest(p.last_reply_at, d.last_reply_at) as last_reply_at,
        coalesce(m.user_id, n.user_id) as author,
        coalesce(m.event_id, n.event_id) as event_id,
        coalesce(m.extra, n.extra) ? 'files' as has_files
      from deltas d
      left join lateral (
        select * from hubbub.message_state s where not d.is_anew and s.room_id = d.room_id and s.seq = d.target limit 1
      ) p on true
      left join lateral (
        select e.user_id, e.event_id, e.extra from hubbub.events e
        where e.room_id = d.room_id and e.seq = d.target and e.kind = 'message' limit 1
      ) m on true
      left join named n on n.room_id = d.room_id and n.seq = d.target
    ), projected as (
      insert into hubbub.message_state
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
    )`;
