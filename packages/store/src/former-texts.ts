import { keysOf } from "./keys-of.ts";

const KEEPS_NONE = "room_id in (select id from forgetful)";

/**
 * Rooms that keep no earlier texts, of those whose messages are edited; and rows of this batch that are stored without theirs.
 * A message that was offered again may stand after its edits.
 */
export const FORMER_ROWS = `
    forgetful as materialized (
      select r.id from (select distinct room_id from named where kind = 'edit' or extra ? 'was') n
      cross join lateral (
        select r.id from hubbub.rooms r where r.id = n.room_id and r.settings->'keepRevisions' = 'false' limit 1
      ) r
    ), former as (
      select room_id, seq from (
        select room_id, seq, kind, max(seq) filter (where kind = 'edit')
          over (partition by room_id, case kind when 'edit' then target else seq end) as newest
        from named where kind in ('message', 'edit') and ${KEEPS_NONE}
      ) n where seq < newest or (kind = 'message' and newest is not null)
      union all
      select n.room_id, n.seq from named n where n.kind = 'edit' and ${KEEPS_NONE} and n.seq < (
        select s.edited_seq from hubbub.message_state s where s.room_id = n.room_id and s.seq = n.target limit 1
      )
      union all
      select m.room_id, m.seq from moved m where ${KEEPS_NONE} and (
        select true from hubbub.events e where e.room_id = m.room_id and e.target = m.seq and e.kind = 'edit' limit 1
      )
    )`;

/** The text that a stored edit replaces: of the message, and of the newest edit before. Each is found by its key. */
export const FORMER_TEXTS = `
    replaced as (
      select room_id, unnest(array[seq, edited_before]) as seq from states
      where has_new_edit and deleted_seq is null and ${KEEPS_NONE}
      union all
      select room_id, seq from (
        select *, max(seq) over (partition by room_id, target) as newest from changes where kind = 'edit'
      ) c
      where not is_new and seq < newest and ${KEEPS_NONE} and (room_id, target) not in (select room_id, seq from gone)
    ), forgotten as (
      update hubbub.events e set text = null from ${keysOf("replaced where seq is not null", ["room_id", "seq"])}
      where e.room_id = k.room_id and e.seq = k.seq and e.kind in ('message', 'edit') and e.text is not null
    )`;
