import type { RoomEvent, RoomId } from "@hubbub/protocol";
import { append } from "./append.ts";
import { type Database, type Statement, single } from "./database.ts";
import { deadLetter } from "./dead-letter.ts";
import { type EventRow, toEvent } from "./event-row.ts";
import type { DeadLetter, Events, StoredEvent, WriterCommit } from "./store.ts";

/**
 * The page is cut before its authors are looked up, and those by a scalar subquery: the planner cannot turn this into
 * a join of the room with the users. An author who is gone must not take the event along.
 */
function pageStatement(name: string, bound: string, direction: "asc" | "desc"): Statement {
  return {
    name,
    text: `
      select e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to, e.target, e.extra,
        coalesce((select u.username from hubbub.users u where u.id = e.user_id), 'unknown') as username
      from (
        select * from hubbub.events where room_id = $1 and ${bound} order by seq ${direction} limit $3
      ) e
      order by e.seq ${direction}`,
  };
}

export const PAGE_AFTER = pageStatement("events-page-after", "seq > $2", "asc");
export const PAGE_BEFORE = pageStatement("events-page-before", "seq < $2", "desc");

/** One index range of one partition; an event that was offered twice while nobody could know is found at its first seq. */
const STORED: Statement = {
  name: "events-stored",
  text: `
    select distinct on (asked.user_id, asked.id) asked.user_id as user, asked.id, e.seq, e.epoch, e.at
    from (
      select user_id, event_id, seq, epoch, at from hubbub.events
      where room_id = $1 and seq > $2::bigint order by seq desc limit $3::bigint
    ) e
    join unnest($4::uuid[], $5::text[]) as asked (user_id, id) on e.user_id = asked.user_id and e.event_id = asked.id
    order by asked.user_id, asked.id, e.seq`,
};

/** The newest epoch may have no event yet. One look at the index for each room. */
const HEADS: Statement = {
  name: "events-heads",
  text: `
    select coalesce(newest.seq, 0) as seq, greatest(coalesce(newest.epoch, 0), coalesce(r.epoch, 0)) as epoch
    from unnest($1::uuid[]) with ordinality as asked (id, place)
    left join hubbub.rooms r on r.id = asked.id
    left join lateral (
      select seq, epoch from hubbub.events where room_id = asked.id order by seq desc limit 1
    ) newest on true
    order by asked.place`,
};

const RECENT: Statement = {
  name: "events-recent",
  text: `
    select user_id as user, event_id as id, seq, epoch, at from (
      select user_id, event_id, seq, epoch, at from hubbub.events where room_id = $1 order by seq desc limit $3
    ) newest where at >= $2`,
};

const DEAD_LETTERS: Statement = {
  name: "dead-letters",
  text: `
    select shard, "offset", room_id as room, event_id as event, frame, error
    from hubbub.dead_letters order by id desc limit $1`,
};

export function createEvents(database: Database, strength: WriterCommit): Events {
  return {
    append: (batch) => append(database, strength, batch),
    deadLetter: (batch, entry) => deadLetter(database, strength, batch, entry),
    page: (room, range) => page(database, room, range),
    async stored(room, range, events) {
      const [after, newest] = "after" in range ? [range.after, null] : [0, range.newest];
      const [users, ids] = [events.map(({ user }) => user), events.map(({ id }) => id)];
      return await database.run<StoredEvent>(STORED, [room, after, newest, users, ids]);
    },
    heads: (rooms) => database.run(HEADS, [rooms]),
    async head(room) {
      return single(await database.run<{ seq: number; epoch: number }>(HEADS, [[room]]));
    },
    recent: (room, sinceMs, limit) => database.run<StoredEvent>(RECENT, [room, sinceMs, limit]),
    deadLetters: (limit) => database.run<DeadLetter>(DEAD_LETTERS, [limit]),
  };
}

async function page(database: Database, room: RoomId, range: Parameters<Events["page"]>[1]): Promise<RoomEvent[]> {
  const isForward = "after" in range;
  const statement = isForward ? PAGE_AFTER : PAGE_BEFORE;
  const rows = await database.run<EventRow>(statement, [room, isForward ? range.after : range.before, range.limit]);
  const found = rows.map((row) => toEvent(room, row));
  return isForward ? found : found.reverse();
}
