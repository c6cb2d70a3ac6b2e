import { keysOf } from "./keys-of.ts";

const KEY = ["room_id", "seq"];
const FIRST_DELETED = "gone where is_first";

/**
 * What goes with the messages that are deleted: texts, files, mentions. The rows of edits are looked for once, with the first
 * deletion, and not after the newest edit: a thread may have many replies after it. What comes later is stored empty.
 *
 * A deletion that was stored before its message had nobody to name in the audit; its entry comes with the message, unless `move` has
 * written it.
 */
export const DELETED_CONTENTS = `
    gone as materialized (
      select
        room_id, seq, author as user_id, event_id, is_anew or deleted_before is null as is_first,
        coalesce(has_files, false) as has_files, case when edits > 0 then edited_seq end as edited_seq
      from states where deleted_seq is not null
    ), emptied_messages as (
      update hubbub.events e set text = null, extra = nullif(e.extra - 'mentions' - 'files', '{}')
      from ${keysOf("gone", KEY)}
      where e.room_id = k.room_id and e.seq = k.seq and e.text is not null
    ), emptied_edits as (
      update hubbub.events e set text = null
      from ${keysOf(`${FIRST_DELETED} and edited_seq is not null`, [...KEY, "edited_seq"])}
      where e.room_id = k.room_id and e.target = k.seq and e.seq <= k.edited_seq and e.kind = 'edit' and e.text is not null
    ), released as (
      update hubbub.files f set released_at = clock_timestamp()
      from ${keysOf(`${FIRST_DELETED} and has_files`, ["room_id", "user_id", "event_id"])}
      where f.room_id = k.room_id and f.user_id = k.user_id and f.event_id = k.event_id and f.released_at is null
    ), unnoted as (
      delete from hubbub.mentions m using ${keysOf(FIRST_DELETED, KEY)}
      where m.room_id = k.room_id and m.seq = k.seq
    ), audited as (
      insert into hubbub.audit (actor, act, subject_id, room_id, seq)
      select new_deleted_by::text, 'message_delete', author, room_id, seq from states where new_deleted_by <> author
      union all
      select s.deleted_before_by::text, 'message_delete', s.author, s.room_id, s.seq from states s
      where s.deleted_before_by <> s.author and not exists (
        select from hubbub.audit a where a.room_id = s.room_id and a.seq = s.seq and a.act = 'message_delete'
      )
    )`;
