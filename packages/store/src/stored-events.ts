import type { Database, Statement } from "./database.ts";
import type { DeadLetter, Events, StoredEvent, WriterCommit } from "./store.ts";
import { tellMoved } from "./tell-moved.ts";

/** One index range of one partition. An event that was accepted twice during an outage is found at its first seq. */
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

/** What recovery and operators ask about events that are rows or dead letters. */
export function createStoredEvents(
  database: Database,
  strength: WriterCommit,
): Pick<Events, "stored" | "moved" | "recent" | "deadLetters"> {
  return {
    moved: (shard, events) => tellMoved(database, strength, { shard, events }),
    async stored(room, range, events) {
      const [after, newest] = "after" in range ? [range.after, null] : [0, range.newest];
      const [users, ids] = [events.map(({ user }) => user), events.map(({ id }) => id)];
      return await database.run<StoredEvent>(STORED, [room, after, newest, users, ids]);
    },
    recent: (room, sinceMs, limit) => database.run<StoredEvent>(RECENT, [room, sinceMs, limit]),
    deadLetters: (limit) => database.run<DeadLetter>(DEAD_LETTERS, [limit]),
  };
}
