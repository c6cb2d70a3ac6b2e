import { keysOf } from "./keys-of.ts";

const KEY = ["room_id", "seq", "emoji", "user_id"];

/**
 * A reaction is there since the first event that adds it after the last one that removes it. Without a removal in `changes`
 * a row that is there stays.
 */
export const PROJECTED_REACTIONS = `
    latest as (
      select
        room_id, target as seq, emoji, user_id, bool_or(is_anew) or max(removed_seq) is not null as is_known,
        min(seq) filter (where not is_removal and seq > coalesce(removed_seq, 0)) as added_seq
      from (
        select *, max(seq) filter (where is_removal) over (partition by room_id, target, emoji, user_id) as removed_seq
        from changes where kind = 'react'
      ) r
      group by room_id, target, emoji, user_id
    ), removed as (
      delete from hubbub.reactions r using ${keysOf("latest where added_seq is null", KEY)}
      where r.room_id = k.room_id and r.seq = k.seq and r.emoji = k.emoji and r.user_id = k.user_id
    ), cleared as (
      delete from hubbub.reactions r using ${keysOf("gone where is_first", ["room_id", "seq"])}
      where r.room_id = k.room_id and r.seq = k.seq
    ), added as (
      insert into hubbub.reactions (room_id, seq, emoji, user_id, added_seq)
      select l.room_id, l.seq, l.emoji, l.user_id, l.added_seq
      from latest l left join lateral (
        select true as is_there from hubbub.reactions r
        where not l.is_known and r.room_id = l.room_id and r.seq = l.seq and r.emoji = l.emoji and r.user_id = l.user_id limit 1
      ) r on true
      where l.added_seq is not null and r.is_there is null and (l.room_id, l.seq) not in (select room_id, seq from gone)
      on conflict (room_id, seq, emoji, user_id) do update set added_seq = excluded.added_seq
    )`;
