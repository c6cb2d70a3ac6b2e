import { ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import type { Draft, Unread } from "./store-unread.ts";

/** Drafts of one user, those included that were sent or removed, and bytes of their texts; beyond that the oldest ones go. */
const DRAFTS_MAX = 50;
const DRAFTS_MAX_BYTES = 65_536;

/** The newer text wins. A time in the future counts as now, so a fast clock cannot block later texts. */
const SET: Statement = {
  name: "drafts-set",
  text: `
    with asked as (
      select least($4::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as at
    ), taken as (
      insert into hubbub.drafts as d (user_id, room_id, text, bytes, at)
      select $1::uuid, $2::uuid, $3::text, octet_length($3::text), at from asked
      where exists (select from hubbub.rooms where id = $2)
      on conflict (user_id, room_id) do update set text = excluded.text, bytes = excluded.bytes, at = excluded.at
      where d.at < excluded.at
      returning text, at
    )
    select text, at, true as taken from taken
    union all
    select text, at, false from hubbub.drafts
    where user_id = $1 and room_id = $2 and not exists (select from taken)`,
};

const TRIM: Statement = {
  name: "drafts-trim",
  text: `
    delete from hubbub.drafts d using (
      select room_id, row_number() over newest as place, sum(bytes) over newest as bytes
      from hubbub.drafts where user_id = $1 window newest as (order by at desc, room_id)
    ) own
    where d.user_id = $1 and d.room_id = own.room_id and (own.place > ${DRAFTS_MAX} or own.bytes > ${DRAFTS_MAX_BYTES})`,
};

export function createDrafts(database: Database): Pick<Unread, "setDraft"> {
  return {
    async setDraft(user: UserId, room: RoomId, { text, at }) {
      const [held] = await database.run<Draft & { taken: boolean }>(SET, [user, room, text, at]);
      // Everybody reads the room of announcements before it has a row.
      if (held === undefined) throw new ProtocolError("unknown_room");
      if (held.taken) await database.run(TRIM, [user]);
      return held;
    },
  };
}
