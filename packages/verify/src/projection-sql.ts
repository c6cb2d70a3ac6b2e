import type { Statement } from "@hubbub/store/sql";

const statement = (name: string, text: string): Statement => ({ name: `audit-${name}`, text });

/**
 * The next messages that have a state, or events that change them: what the projection says, and the newest event, of one
 * snapshot. Reactions are counted, with a digest of their users in order, so that a page has a bound.
 */
export const STATES = statement(
  "states",
  `
    with recursive targets (seq) as (
      (select target from hubbub.events where room_id = $1 and target > $2 order by target limit 1)
      union all
      select (select target from hubbub.events where room_id = $1 and target > targets.seq order by target limit 1)
      from targets where targets.seq is not null
    ), page as (
      select seq from (
        (select seq from targets where seq is not null limit $3)
        union
        (select seq from hubbub.message_state where room_id = $1 and seq > $2 order by seq limit $3)
        union
        (select distinct seq from hubbub.reactions where room_id = $1 and seq > $2 order by seq limit $3)
      ) of_any order by seq limit $3
    )
    select
      p.seq, s.text, s.edited_seq, s.edited_at, coalesce(s.edits, 0) as edits, s.deleted_seq, s.pinned_seq,
      coalesce(s.reply_count, 0) as reply_count, s.last_reply_seq, s.last_reply_at,
      coalesce((
        select jsonb_agg(jsonb_build_array(r.emoji, r.count, r.digest)) from (
          select emoji, count(*) as count, md5(string_agg(user_id::text, ',' order by user_id)) as digest
          from hubbub.reactions where room_id = $1 and seq = p.seq group by emoji
        ) r
      ), '[]') as reactions,
      coalesce(root.text is not null or root.extra ?| array['mentions', 'files'], false) as has_content,
      coalesce(root.kind = 'message', false) as is_message,
      coalesce((select seq from hubbub.events where room_id = $1 order by seq desc limit 1), 0) as head
    from page p
    left join hubbub.message_state s on s.room_id = $1 and s.seq = p.seq
    left join hubbub.events root on root.room_id = $1 and root.seq = p.seq
    order by p.seq`,
);

/** Events that change messages up to $4, by message and seq, after ($2, $3). */
export const CHANGES = statement(
  "changes",
  `
    select seq, epoch, at, kind, user_id, event_id, text, reply_to, target, extra, '' as username
    from hubbub.events
    where room_id = $1 and target is not null and (target, seq) > ($2, $3) and target <= $4 and seq <= $5
    order by target, seq limit $6`,
);

/**
 * What one event alone decides, of the rows in ($2, $3]: mentions without their message, messages to the room without their
 * mention, and texts that are gone without a deletion or, in rooms that keep no earlier texts, a newer edit. A message may be
 * stored after its edit. Which users a name meant then is not known any more.
 */
export const MISFITS = statement(
  "misfits",
  `
    select m.seq, 'mention-extra' as what from hubbub.mentions m
    left join hubbub.events e on e.room_id = m.room_id and e.seq = m.seq and e.kind = 'message' and e.user_id = m.by_id
      and case when m.user_id is null then e.extra->'mentions' ? 'room' else e.extra->'mentions' ? 'names' end
    where m.room_id = $1 and m.seq > $2 and m.seq <= $3 and e.seq is null
    union all
    select e.seq, 'mention-gone' from hubbub.events e
    where e.room_id = $1 and e.seq > $2 and e.seq <= $3 and e.kind = 'message' and e.extra->'mentions' ? 'room'
      and not exists (
        select from hubbub.mentions m where m.room_id = e.room_id and m.seq = e.seq and m.user_id is null
      )
    union all
    select e.seq, 'text-gone' from hubbub.events e
    where e.room_id = $1 and e.seq > $2 and e.seq <= $3 and e.kind in ('message', 'edit') and e.text is null
      and not exists (
        select from hubbub.events d where d.room_id = e.room_id and d.kind = 'delete'
          and d.target = case e.kind when 'edit' then e.target else e.seq end
      )
      and not exists (
        select from hubbub.events d where d.room_id = e.room_id and d.kind = 'edit' and (e.kind = 'message' or d.seq > e.seq) and d.text is not null
          and d.target = case e.kind when 'edit' then e.target else e.seq end
      )`,
);
