import { append } from "./append.ts";
import type { Database, Statement } from "./database.ts";
import { deadLetter } from "./dead-letter.ts";
import { type EventRow, toEvent } from "./event-row.ts";
import { readStates } from "./message-states.ts";
import type { Events, WriterCommit } from "./store.ts";
import { createStoredEvents } from "./stored-events.ts";
import { createStoredHeads } from "./stored-heads.ts";

/**
 * The limit applies before a scalar subquery looks up the authors, so that the planner cannot join the whole room with the
 * users. An event without a user row stays in the page.
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
    ...createStoredHeads(database),
    ...createStoredEvents(database, strength),
  };
}
