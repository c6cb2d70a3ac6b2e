import type { Database, Statement } from "@hubbub/store/sql";

/** What a live database had at a moment and a restored one lacks. */
export interface Behind {
  readonly events: number;
  /** When the oldest of them was accepted, Unix ms; null: there is none. */
  readonly oldest: number | null;
}

const ROOMS_AT_ONCE = 1_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

const ROOMS: Statement = {
  name: "behind-rooms",
  text: `select id from hubbub.rooms where id > $1 order by id limit ${ROOMS_AT_ONCE}`,
};

/** In the order of the ids that are asked for; 0: no event, or no room. */
const HEADS: Statement = {
  name: "behind-heads",
  text: `
    select coalesce(newest.seq, 0)::float8 as head
    from unnest($1::uuid[]) with ordinality as asked (room, place)
    left join lateral (
      select seq from hubbub.events where room_id = asked.room order by seq desc limit 1
    ) newest on true
    order by asked.place`,
};

/** One range of the primary key for each room: the limit keeps Postgres from a plan that reads all events of a live cluster. */
const LACKING: Statement = {
  name: "behind-lacking",
  text: `
    select count(*)::float8 as events, min(lacking.at)::float8 as oldest
    from unnest($1::uuid[], $2::float8[]) as asked (room, head)
    cross join lateral (
      select at from hubbub.events where room_id = asked.room and seq > asked.head::bigint order by seq limit 1000000
    ) lacking
    where lacking.at <= $3::float8`,
};

/** Counts what was accepted up to `until`. */
export async function behind(live: Database, restored: Database, until: Date): Promise<Behind> {
  const found = { events: 0, oldest: Number.POSITIVE_INFINITY };
  for (let after = FIRST; ; ) {
    const rooms = (await live.run<{ id: string }>(ROOMS, [after])).map(({ id }) => id);
    const last = rooms.at(-1);
    if (last === undefined) break;
    const heads = (await restored.run<{ head: number }>(HEADS, [rooms])).map(({ head }) => head);
    const [lacking] = await live.run<{ events: number; oldest: number | null }>(LACKING, [
      rooms,
      heads,
      until.getTime(),
    ]);
    found.events += lacking?.events ?? 0;
    found.oldest = Math.min(found.oldest, lacking?.oldest ?? Number.POSITIVE_INFINITY);
    if (rooms.length < ROOMS_AT_ONCE) break;
    after = last;
  }
  return { events: found.events, oldest: found.events === 0 ? null : found.oldest };
}
