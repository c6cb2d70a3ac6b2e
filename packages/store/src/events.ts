import { append } from "./append.ts";
import { type Database, type Statement, single } from "./database.ts";
import { deadLetter } from "./dead-letter.ts";
import { type EventRow, toEvent } from "./event-row.ts";
import { readStates } from "./message-states.ts";
import type { Events, WriterCommit } from "./store.ts";
import { createStoredEvents } from "./stored-events.ts";

/** An event stays when its author was deleted. */
export const eventColumns = `
  e.seq, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to, e.target, e.extra,
  coalesce((select u.username from hubbub.users u where u.id = e.user_id), 'unknown') as username`;

/**
 * The page is cut before its authors are looked up by a scalar subquery, so that the planner cannot turn this into a
 * join of the room with the users.
 */
function pageStatement(name: string, bound: string, direction: "asc" | "desc"): Statement {
  return {
    name,
    text: `
      select ${eventColumns}
      from (
        select * from hubbub.events where room_id = $1 and ${bound} order by seq ${direction} limit $3
      ) e
      order by e.seq ${direction}`,
  };
}

export const PAGE_AFTER = pageStatement("events-page-after", "seq > $2", "asc");
export const PAGE_BEFORE = pageStatement("events-page-before", "seq < $2", "desc");

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

export function createEvents(database: Database, strength: WriterCommit): Events {
  return {
    append: (batch) => append(database, strength, batch),
    deadLetter: (batch, entry) => deadLetter(database, strength, batch, entry),
    async page(room, range) {
      const isForward = "after" in range;
      const [statement, bound] = isForward ? [PAGE_AFTER, range.after] : [PAGE_BEFORE, range.before];
      const rows = await database.run<EventRow>(statement, [room, bound, range.limit]);
      const found = rows.map((row) => toEvent(room, row));
      return isForward ? found : found.reverse();
    },
    states: (room, seqs) => readStates(database, room, seqs),
    heads: (rooms) => database.run(HEADS, [rooms]),
    async head(room) {
      return single(await database.run<{ seq: number; epoch: number }>(HEADS, [[room]]));
    },
    ...createStoredEvents(database),
  };
}
