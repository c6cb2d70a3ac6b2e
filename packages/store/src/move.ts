import type { RoomEvent } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";

/**
 * What is stored about the seqs that events had in epochs that are lost: their changes get the present target, and their
 * projections go, to be computed anew by `append`.
 *
 * It has a transaction of its own, before the one of `append`. That is safe without a lease, because it may be repeated and
 * only raises numbers: whoever stores the events later finds it done. A seq that has a row is not lost: its log came back.
 */
const MOVE: Statement = {
  name: "events-move",
  isUrgent: true,
  text: `
    with moved as (
      select distinct on (room_id, lost_seq) room_id, lost_seq, seq
      from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as m (room_id, lost_seq, seq)
      where not exists (select from hubbub.events e where e.room_id = m.room_id and e.seq = m.lost_seq)
      order by room_id, lost_seq, seq desc
    ), noted as (
      insert into hubbub.moved_events as m (room_id, lost_seq, seq) select room_id, lost_seq, seq from moved
      on conflict (room_id, lost_seq) do update set seq = greatest(m.seq, excluded.seq)
    ), changes as (
      update hubbub.events e set target = m.seq from moved m where e.room_id = m.room_id and e.target = m.lost_seq
    ), states as (
      delete from hubbub.message_state s using moved m where s.room_id = m.room_id and s.seq = m.lost_seq
    ), reactions as (
      delete from hubbub.reactions r using moved m where r.room_id = m.room_id and r.seq = m.lost_seq
    )
    select from moved`,
};

export async function move(database: Database, events: readonly RoomEvent[]): Promise<void> {
  const again = events.filter(({ was }) => was !== undefined);
  if (again.length === 0) return;
  const moved = again.flatMap(({ room, seq, was = [] }) => was.map((lost) => [room, lost, seq] as const));
  await database.run(MOVE, [moved.map(([room]) => room), moved.map(([, lost]) => lost), moved.map(([, , seq]) => seq)]);
}
