import { ProtocolError, type Role, type RoomId, type UserId, type Visibility } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import { createDrafts } from "./drafts.ts";
import { directName } from "./room-record.ts";
import { SHOWN } from "./statuses.ts";
import type { NotificationLevel, RoomState, StateQuery, Unread, UserState } from "./store-unread.ts";

/** Above this a room has "99+" unread messages. */
const UNREAD_MAX = 100;
/** Mentions by name, and of all members, that are counted. */
const MENTIONS_COUNTED_MAX = 1_000;
/** Events above the mark that are looked at for one count: reactions and own messages are among them. */
const LOOKED_AT_MAX = 300;
/** Events that are looked at besides, where reactions, edits and own messages fill the first ones. */
const LOOKED_FURTHER_MAX = 3_000;
/** Newest events among which the newest message is looked for. */
const LAST_AMONG = 20;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
/** Invitations that a user is shown. */
const INVITATIONS_MAX = 100;
/** Rooms with open reports that a user is shown. */
const QUEUES_MAX = 100;
/** Characters of a preview. */
const PREVIEW_MAX = 120;

/** Every change of a mark is a new version of a row without a changed index: Postgres keeps it on the same page. */
const MARK: Statement = {
  name: "read-marks",
  text: `
    update hubbub.members m set last_read_seq = mark.seq, last_read_at = now()
    from (
      select room_id, user_id, max(seq) as seq
      from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as asked (room_id, user_id, seq)
      group by room_id, user_id
    ) mark
    where m.room_id = mark.room_id and m.user_id = mark.user_id and m.last_read_seq < mark.seq`,
};

/**
 * Events of a room in their order, by primary key. A reply in a thread is unread only if it is shown in the room as well. A message
 * whose first text is not kept has the text of its newest edit.
 */
function unreadAbove(seq: string, limit: number): string {
  return `
    select
      e.seq, e.kind = 'message' and e.user_id <> mine.user_id and coalesce(e.text, (
          select s.text from hubbub.message_state s where s.room_id = e.room_id and s.seq = e.seq limit 1
        )) is not null and (e.target is null or e.extra ? 'broadcast') as is_unread
    from hubbub.events e
    where e.room_id = mine.room_id and e.seq > ${seq} order by e.seq limit ${limit}`;
}

/**
 * One row for each room of each user, and one for a user without any. All of a room is looked up by primary keys from its
 * newest event or from the mark on, so the cost does not depend on the length of the room.
 */
export const STATES: Statement = {
  name: "user-states",
  text: `
    select
      asked.position::int, (extract(epoch from now()) * 1000)::bigint as at, joined.count as joined,
      mine.room_id as room, mine.name, mine.visibility, mine.topic, mine.role, mine.last_read_seq as read,
      coalesce(p.level, 'all') as level, coalesce(p.is_starred, false) as starred, mine.is_more,
      mine.is_changed or coalesce(p.changed_at >= asked.since, false) or coalesce(head.at >= asked.since_ms, false)
        as is_changed,
      coalesce(head.seq, 0) as head, greatest(coalesce(head.epoch, 0), coalesce(mine.room_epoch, 0)) as epoch,
      least(coalesce(near.count + further.count, 0), ${UNREAD_MAX}) as unread, mentioned.count as mentions,
      case when coalesce(mine.is_first, true) and asked.after = '${FIRST_ID}' then (
        select jsonb_agg(jsonb_build_object('room', d.room_id, 'text', d.text, 'at', d.at) order by d.room_id)
        from hubbub.drafts d join hubbub.members own on own.user_id = d.user_id and own.room_id = d.room_id
        where d.user_id = asked.user_id and d.text <> ''
      ) end as drafts,
      case when coalesce(mine.is_first, true) and asked.after = '${FIRST_ID}' then (
        select jsonb_agg(one.line order by one.created_at desc) from (
          select i.created_at, jsonb_build_object(
            'room', i.room_id, 'name', r.name, 'by', jsonb_build_object(
              'id', i.by_id, 'username', coalesce((select u.username from hubbub.users u where u.id = i.by_id), 'unknown')
            ),
            'at', (extract(epoch from i.created_at) * 1000)::bigint
          ) as line
          from hubbub.invitations i
          join hubbub.rooms r on r.id = i.room_id and r.archived_at is null
          where i.user_id = asked.user_id order by i.created_at desc limit ${INVITATIONS_MAX}
        ) one
      ) end as invitations,
      case when coalesce(mine.is_first, true) and asked.after = '${FIRST_ID}' then (
        select jsonb_strip_nulls(jsonb_build_object('isAway', own.away, 'emoji', own.emoji, 'text', own.text, 'until', own.until))
        from (select ${SHOWN} from hubbub.user_status s where s.user_id = asked.user_id) own
      ) end as status,
      case when coalesce(mine.is_first, true) and asked.after = '${FIRST_ID}' then (
        select jsonb_agg(one) from (
          select m.room_id as room, queue.open
          from hubbub.members m
          join hubbub.rooms r on r.id = m.room_id and r.archived_at is null and r.visibility <> 'direct'
          cross join lateral (
            select count(*)::int as open from hubbub.reports q
            where q.room_id = m.room_id and q.state = 'open' and q.author_id <> m.user_id
          ) queue
          where m.user_id = asked.user_id and m.role in ('moderator', 'admin', 'owner') and queue.open > 0
          limit ${QUEUES_MAX}
        ) one
      ) end as reports,
      last.seq as last_seq, last.at as last_at, last.user_id as last_by, last.username as last_name, last.text as last_text
    from (
      select user_id, since as since_ms, to_timestamp(since / 1000.0) as since, after, position
      from unnest($1::uuid[], $2::bigint[], $3::uuid[]) with ordinality as one (user_id, since, after, position)
    ) asked
    cross join lateral (
      select count(*)::int as count
      from hubbub.members m join hubbub.rooms r on r.id = m.room_id and r.archived_at is null
      where m.user_id = asked.user_id
    ) joined
    left join lateral (
      select
        m.*, case when r.visibility = 'direct' then ${directName("r.id", "m.user_id")} else r.name end as name,
        r.visibility, r.topic, r.epoch as room_epoch,
        case when r.settings->>'history' = 'joined' then m.joined_seq else 0 end as hidden_seq,
        greatest(m.last_read_seq, case when r.settings->>'history' = 'joined' then m.joined_seq end) as seen_seq,
        row_number() over (order by m.room_id) > $4 as is_more, row_number() over (order by m.room_id) = 1 as is_first,
        asked.since is null or m.joined_at >= asked.since or coalesce(m.last_read_at >= asked.since, false) as is_changed
      from hubbub.members m join hubbub.rooms r on r.id = m.room_id and r.archived_at is null
      where m.user_id = asked.user_id and m.room_id > asked.after
      order by m.room_id limit $4 + 1
    ) mine on true
    left join hubbub.room_preferences p on p.user_id = mine.user_id and p.room_id = mine.room_id
    left join lateral (
      select seq, epoch, at from hubbub.events where room_id = mine.room_id order by seq desc limit 1
    ) head on true
    left join lateral (
      select count(*)::int as looked_at, (count(*) filter (where e.is_unread))::int as count, max(e.seq) as last
      from (${unreadAbove("mine.seen_seq", LOOKED_AT_MAX)}) e
    ) near on head.seq > mine.seen_seq
    left join lateral (
      select count(*)::int as count from (
        select from (${unreadAbove("near.last", LOOKED_FURTHER_MAX)}) e where e.is_unread limit ${UNREAD_MAX}
      ) one
      where near.looked_at = ${LOOKED_AT_MAX} and near.count < ${UNREAD_MAX}
    ) further on true
    left join lateral (
      select (
        select count(*) from (
          select from hubbub.mentions n
          where n.user_id = mine.user_id and n.room_id = mine.room_id and n.seq > mine.seen_seq
            and not exists (select from hubbub.blocks where user_id = mine.user_id and blocked_id = n.by_id)
          limit ${MENTIONS_COUNTED_MAX}
        ) named
      ) + (
        select count(*) from (
          select from hubbub.mentions n
          where n.user_id is null and n.room_id = mine.room_id and n.seq > mine.seen_seq and n.by_id <> mine.user_id
          and not exists (select from hubbub.blocks where user_id = mine.user_id and blocked_id = n.by_id)
          and not exists (
            select from hubbub.mentions own
            where own.room_id = n.room_id and own.seq = n.seq and own.user_id = mine.user_id
          )
          limit ${MENTIONS_COUNTED_MAX}
        ) of_all
      ) as count
    ) mentioned on head.seq > mine.seen_seq
    left join lateral (
      select
        e.seq, e.at, e.user_id, left(coalesce(s.text, e.text), ${PREVIEW_MAX}) as text,
        coalesce((select u.username from hubbub.users u where u.id = e.user_id), 'unknown') as username
      from (
        select * from hubbub.events where room_id = mine.room_id and seq > mine.hidden_seq
        order by seq desc limit ${LAST_AMONG}
      ) e
      left join hubbub.message_state s on s.room_id = e.room_id and s.seq = e.seq
      where e.kind = 'message' and coalesce(s.text, e.text) is not null
      order by e.seq desc limit 1
    ) last on true
    order by asked.position, mine.room_id`,
};

interface Row {
  readonly drafts: UserState["drafts"] | null;
  readonly invitations: UserState["invitations"] | null;
  readonly status: UserState["status"] | null;
  readonly reports: UserState["reports"] | null;
  readonly position: number;
  readonly at: number;
  readonly joined: number;
  readonly room: RoomId | null;
  readonly name: string;
  readonly visibility: Visibility;
  readonly topic: string;
  readonly role: Role;
  readonly read: number;
  readonly level: NotificationLevel;
  readonly starred: boolean;
  readonly is_more: boolean;
  readonly is_changed: boolean;
  readonly head: number;
  readonly epoch: number;
  readonly unread: number | null;
  readonly mentions: number | null;
  readonly last_seq: number | null;
  readonly last_at: number;
  readonly last_by: UserId;
  readonly last_name: string;
  readonly last_text: string;
}

const PREFER: Statement = {
  name: "room-prefer",
  text: `
    insert into hubbub.room_preferences as p (user_id, room_id, level, is_starred)
    select $1::uuid, $2::uuid, coalesce($3::text, 'all'), coalesce($4::boolean, false)
    where exists (select from hubbub.rooms where id = $2)
    on conflict (user_id, room_id) do update set
      level = coalesce($3::text, p.level), is_starred = coalesce($4::boolean, p.is_starred), changed_at = now()
    returning level, is_starred as "isStarred"`,
};

export function createUnread(database: Database): Unread {
  return {
    async mark(marks) {
      const columns = [marks.map(({ room }) => room), marks.map(({ user }) => user), marks.map(({ seq }) => seq)];
      if (marks.length > 0) await database.run(MARK, columns);
    },
    states: (asked, limit) => readStates(database, asked, limit),
    ...createDrafts(database),
    async prefer(user, room, { level, isStarred }) {
      const values = [user, room, level ?? null, isStarred ?? null];
      const [chosen] = await database.run<{ level: NotificationLevel; isStarred: boolean }>(PREFER, values);
      if (chosen === undefined) throw new ProtocolError("unknown_room");
      return chosen;
    },
  };
}

async function readStates(database: Database, asked: readonly StateQuery[], limit: number): Promise<UserState[]> {
  const rows = await database.run<Row>(STATES, [
    asked.map(({ user }) => user),
    asked.map(({ since }) => since ?? null),
    asked.map(({ after }) => after ?? FIRST_ID),
    limit,
  ]);
  const perUser: Row[][] = asked.map(() => []);
  for (const row of rows) perUser[row.position - 1]?.push(row);
  return perUser.map(toUserState);
}

function toUserState(rows: readonly Row[]): UserState {
  const shown = rows.filter((row) => row.room !== null && !row.is_more);
  const hasMore = rows.some((row) => row.is_more);
  return {
    rooms: shown.filter((row) => row.is_changed).map(toRoomState),
    drafts: rows[0]?.drafts ?? [],
    invitations: rows[0]?.invitations ?? [],
    status: rows[0]?.status ?? { isAway: false },
    reports: rows[0]?.reports ?? [],
    joined: rows[0]?.joined ?? 0,
    at: rows[0]?.at ?? 0,
    cursor: hasMore ? (shown.at(-1)?.room ?? undefined) : undefined,
  };
}

function toRoomState(row: Row): RoomState {
  const { name, visibility, topic, role, head, epoch, read, unread, mentions, level, starred: isStarred } = row;
  const { room, last_seq: seq, last_at: at, last_by: id, last_name: username, last_text: text } = row;
  return {
    ...{ room: room as RoomId, name, visibility, topic, role, head, epoch, read, level, isStarred },
    unread: unread ?? 0,
    mentions: mentions ?? 0,
    last: seq === null ? undefined : { seq, at, by: { id, username }, text },
  };
}
