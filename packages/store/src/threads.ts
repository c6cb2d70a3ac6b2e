import type { RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import { type EventRow, toEvent } from "./event-row.ts";
import type { FollowedThread, SentChange, Threads } from "./store-threads.ts";

const statement = (name: string, from: string): Statement => ({
  name,
  text: `
    select e.*, coalesce((select u.username from hubbub.users u where u.id = e.user_id), 'unknown') as username
    from (${from}) e order by e.seq`,
});

const REPLIES = statement(
  "thread-replies",
  `select * from hubbub.events where room_id = $1 and target = $2 and kind = 'message' and seq > $3 order by seq limit $4`,
);
const REVISIONS = statement(
  "message-revisions",
  `select * from hubbub.events where room_id = $1 and (seq = $2 and kind = 'message' or target = $2 and kind = 'edit')
   order by seq desc limit $3`,
);
const PINS = statement(
  "room-pins",
  `select e.* from hubbub.message_state s join hubbub.events e on e.room_id = s.room_id and e.seq = s.seq
   where s.room_id = $1 and s.pinned_seq is not null order by s.pinned_seq desc limit $2`,
);
/** A range of one index. A thread with many replies is not read whole. The target may be a seq that its message lost. */
const SENT_CHANGE: Statement = {
  name: "change-sent",
  text: `
    select seq, epoch, at from (
      select seq, epoch, at, user_id, event_id from hubbub.events
      where room_id = $1 and target = coalesce(
        (select m.seq from hubbub.moved_events m where m.room_id = $1 and m.lost_seq = $2
          and not exists (select from hubbub.events r where r.room_id = $1 and r.seq = $2)),
        $2
      ) order by seq desc limit 1000
    ) e where user_id = $3 and event_id = $4 order by seq limit 1`,
};
const FOLLOW: Statement = {
  name: "thread-follow",
  text: `
    insert into hubbub.thread_follows (user_id, room_id, seq, is_following) values ($1, $2, $3, $4)
    on conflict (user_id, room_id, seq) do update set is_following = excluded.is_following`,
};
const FOLLOWING: Statement = {
  name: "thread-following",
  text: `select is_following as "is" from hubbub.thread_follows where user_id = $1 and room_id = $2 and seq = $3`,
};
const MARK_READ: Statement = {
  name: "thread-read",
  text: `
    update hubbub.thread_follows set read_seq = $4
    where user_id = $1 and room_id = $2 and seq = $3 and (read_seq is null or read_seq < $4)`,
};
/**
 * Of one thread `f`. Only its newest replies are looked at. Who replies has read what was before; deleted replies are no news.
 */
const UNREAD_MAX = 100;
/** The column comes with 0024_thread_marks, which waits until processes from before 0022_search_journal have ended. */
const READ_SEQ = "(to_jsonb(f)->>'read_seq')::bigint";
const UNDEFINED_COLUMN = "42703";
/** The SQLSTATE of a server that is starting. */
const NOT_YET = "57P03";
export const UNREAD = `
    with newest as (
      select e.seq, e.user_id from hubbub.events e
      where e.room_id = f.room_id and e.target = f.seq and e.kind = 'message' and e.seq > coalesce(${READ_SEQ}, 0)
      order by e.seq desc limit ${UNREAD_MAX}
    )
    select count(*)::int from newest n
    where n.user_id <> f.user_id and n.seq > coalesce((select max(seq) from newest where user_id = f.user_id), 0)
      and not exists (
        select from hubbub.message_state d where d.room_id = f.room_id and d.seq = n.seq and d.deleted_seq is not null
      )`;
/** Threads without a reply are not shown; rooms that the user has left neither. */
const FOLLOWED: Statement = {
  name: "threads-followed",
  text: `
    select f.room_id as room, f.seq, s.reply_count as count, s.last_reply_seq as last, s.last_reply_at as at,
      (${UNREAD}) as unread
    from hubbub.thread_follows f
    join hubbub.members m on m.room_id = f.room_id and m.user_id = f.user_id
    join hubbub.rooms r on r.id = f.room_id and r.archived_at is null
      and (r.settings->>'history' is distinct from 'joined' or f.seq > m.joined_seq)
    join hubbub.message_state s on s.room_id = f.room_id and s.seq = f.seq
    where f.user_id = $1 and f.is_following and s.last_reply_at is not null and (s.last_reply_at, f.room_id, f.seq) < ($2, $3, $4)
    order by s.last_reply_at desc, f.room_id desc, f.seq desc limit $5`,
};

export function createThreads(database: Database): Threads {
  const read = async (statement: Statement, room: RoomId, values: readonly unknown[]): Promise<RoomEvent[]> =>
    (await database.run<EventRow>(statement, [room, ...values])).map((row) => toEvent(room, row));
  return {
    replies: (room, root, { after, limit }) => read(REPLIES, room, [root, after, limit]),
    revisions: (room, seq, limit) => read(REVISIONS, room, [seq, limit]),
    pins: (room, limit) => read(PINS, room, [limit]),
    async sentChange(room, target, { user, id }) {
      return (await database.run<SentChange>(SENT_CHANGE, [room, target, user, id]))[0] ?? null;
    },
    async follow(user: UserId, room: RoomId, root: number, isFollowing: boolean) {
      await database.run(FOLLOW, [user, room, root, isFollowing]);
    },
    async markRead(user, room, root, seq) {
      try {
        await database.run(MARK_READ, [user, room, root, seq]);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === UNDEFINED_COLUMN)) throw error;
        throw Object.assign(new Error("read marks of threads wait for a migration", { cause: error }), {
          code: NOT_YET,
        });
      }
    },
    async isFollowing(user, room, root) {
      return (await database.run<{ is: boolean }>(FOLLOWING, [user, room, root]))[0]?.is ?? null;
    },
    followed: (user, { before, limit }) =>
      database.run<FollowedThread>(FOLLOWED, [user, before.at, before.room, before.seq, limit]),
  };
}
