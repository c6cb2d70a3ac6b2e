/** Characters of a message that a mentioned user is told. */
const PREVIEW_MAX = 120;

const BLOCKS = `(
        select true from hubbub.blocks b where b.user_id = m.user_id and b.blocked_id = m.by_id limit 1
      )`;

/**
 * Names in mentions are looked up here and not when a message is accepted: that asks no database. Authors of a thread and
 * the users it mentions follow it. Each name is looked up by its keys: see `PROJECTED_STATES`.
 */
export const NOTED_MENTIONS = `
    mentioned as (
      select w.room_id, w.seq, u.id as user_id, w.user_id as by_id, w.target, left(w.text, ${PREVIEW_MAX}) as preview
      from written w
      cross join lateral jsonb_array_elements_text(w.extra->'mentions'->'names') as name
      cross join lateral (
        select u.id from hubbub.users u where lower(u.username collate "C") = name collate "C" limit 1
      ) u
      cross join lateral (
        select true from hubbub.members m where m.room_id = w.room_id and m.user_id = u.id limit 1
      ) m
      where w.kind = 'message' and u.id <> w.user_id
      union all
      select room_id, seq, null, user_id, null, null from written
      where kind = 'message' and extra->'mentions' ? 'room'
    ), noted as (
      insert into hubbub.mentions (room_id, seq, user_id, by_id)
      select room_id, seq, user_id, by_id from mentioned
      where (room_id, seq) not in (select room_id, seq from gone)
      on conflict do nothing
    ), followed as (
      insert into hubbub.thread_follows (user_id, room_id, seq, is_following)
      select user_id, room_id, target, true from written where kind = 'message' and target is not null
      union
      select m.user_id, m.room_id, m.target, true from mentioned m
      where m.target is not null and m.user_id is not null and ${BLOCKS} is null
      union
      select author, room_id, seq, true from states where new_replies > 0 and author is not null
      on conflict do nothing
    )`;

/** What the writer does after the commit: rooms whose tail has texts that are gone, and users to tell. */
export const AFTER_COMMIT = `
      select jsonb_agg(one) from (
        select jsonb_build_object('room', room_id, 'seq', max(seq)) as one from written
        where kind = 'delete' or (text is null and kind in ('edit', 'message'))
          or (kind = 'edit' and room_id in (select id from forgetful))
        group by room_id
        union all
        select jsonb_build_object(
          'room', m.room_id, 'seq', m.seq, 'user', m.user_id, 'preview', coalesce(m.preview, ''),
          'by', jsonb_build_object('id', m.by_id, 'username', coalesce(
            (select u.username from hubbub.users u where u.id = m.by_id limit 1), 'unknown'
          ))
        )
        from mentioned m
        where m.user_id is not null and (m.room_id, m.seq) not in (select room_id, seq from gone) and ${BLOCKS} is null and (
          select p.level from hubbub.room_preferences p where p.user_id = m.user_id and p.room_id = m.room_id limit 1
        ) is distinct from 'nothing'
      ) after`;
