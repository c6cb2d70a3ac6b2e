import { newId, type PublicUser, type RoomId, type UserId } from "@hubbub/protocol";
import { and, eq, ne, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import { decodeMemberCursor } from "./cursor.ts";
import { type Database, type Statement, single } from "./database.ts";
import { reports } from "./schema-reports.ts";
import type { NewReport, ReportContext, ReportRecord, Reports } from "./store-reports.ts";

/** Messages before and after a reported one, and events that are looked at for them. */
const CONTEXT_MESSAGES = 3;
const CONTEXT_EVENTS = 50;

/** Messages only, each as it is now. `side` is a part of a `where` and an `order by` that begins at the reported message. */
const contextOf = (side: string, order: string) => `
  select e.seq, e.at, e.user_id, case when s.deleted_seq is null then coalesce(s.text, e.text) end as text
  from (
    select * from (
      select seq, at, user_id, kind, text from hubbub.events
      where room_id = r.room_id and ${side} and seq > $4::bigint order by ${order} limit ${CONTEXT_EVENTS}
    ) near where kind = 'message' order by ${order} limit ${CONTEXT_MESSAGES}
  ) e
  left join hubbub.message_state s on s.room_id = r.room_id and s.seq = e.seq`;

const WHICH = {
  room: "room_id = $1::uuid and $2::boolean is null",
  all: "$1::uuid is null and is_direct = $2::boolean",
};

/** A statement for each kind of list, so that each finds its index. */
const listOf = (which: keyof typeof WHICH, isOpen: boolean): Statement => ({
  name: `reports-${isOpen ? "open" : "closed"}-of-${which}`,
  text: `
    select r.id, r.room_id as room, r.seq, r.created_at as at, r.reason, r.text, r.message, r.message_at as "messageAt",
      r.state, r.closed_at as "closedAt", r.closed_by as "closedBy", r.note,
      jsonb_build_object('id', r.reporter_id, 'username', coalesce(reporter.username, 'deleted')) as by,
      jsonb_build_object('id', r.author_id, 'username', coalesce(author.username, 'deleted')) as author,
      coalesce(present.deleted_seq is not null, false) as "isDeleted", around.context
    from (
      select * from hubbub.reports
      where ${WHICH[which]} and state ${isOpen ? "=" : "<>"} 'open' and author_id is distinct from $3::uuid and id > $5::uuid
      order by id limit $6::int
    ) r
    left join hubbub.users reporter on reporter.id = r.reporter_id
    left join hubbub.users author on author.id = r.author_id
    left join hubbub.message_state present on present.room_id = r.room_id and present.seq = r.seq
    left join lateral (
      select jsonb_agg(
        jsonb_build_object(
          'seq', c.seq, 'at', c.at, 'text', c.text,
          'by', jsonb_build_object('id', c.user_id, 'username', coalesce(u.username, 'deleted'))
        ) order by c.seq
      ) as context
      from (
        (${contextOf("seq < r.seq", "seq desc")}) union all (${contextOf("seq > r.seq", "seq")})
      ) c
      left join hubbub.users u on u.id = c.user_id
    ) around on true
    order by r.id`,
});

const LISTS = {
  room: { open: listOf("room", true), closed: listOf("room", false) },
  all: { open: listOf("all", true), closed: listOf("all", false) },
};

/** Nobody learns from a number that a message of their own was reported. */
const QUEUE: Statement = {
  name: "reports-queue",
  text: `
    with open as materialized (
      select author_id, count(*) as count from hubbub.reports where room_id = $1 and state = 'open' group by author_id
    )
    select m.user_id as user, (
      select coalesce(sum(o.count), 0)::int from open o where o.author_id is distinct from m.user_id
    ) as open
    from hubbub.members m
    where m.room_id = $1 and m.role in ('moderator', 'admin', 'owner') limit $2::int`,
};

const DELETE_CLOSED: Statement = {
  name: "reports-delete-closed",
  text: `
    with old as (
      select id from hubbub.reports where closed_at < $1 limit $2 for update skip locked
    ), gone as (
      delete from hubbub.reports where id in (select id from old) returning 1
    )
    select count(*)::int as deleted from gone`,
};

const FIRST_ID = "00000000-0000-0000-0000-000000000000";

interface Row extends Omit<ReportRecord, "at" | "closedAt" | "context"> {
  readonly at: Date;
  readonly closedAt: Date | null;
  readonly context: readonly (Omit<ReportContext, "by"> & { readonly by: PublicUser })[] | null;
}

export function createReports(database: Database): Reports {
  return {
    add: (report, bounds) => add(database, report, bounds),

    async list({ of, isOpen, notOf, from = 0 }, { cursor, limit }) {
      const after = cursor === undefined ? FIRST_ID : decodeMemberCursor(cursor);
      const which = "room" in of ? [of.room, null] : [null, of.isDirect];
      const statement = LISTS["room" in of ? "room" : "all"][isOpen ? "open" : "closed"];
      const rows = await database.run<Row>(statement, [...which, notOf ?? null, from, after, limit + 1]);
      const shown = rows.slice(0, limit).map(toRecord);
      return { reports: shown, cursor: rows.length > limit ? shown.at(-1)?.id : undefined };
    },

    close: ({ id, room }, { state, note }, acting) =>
      database.transaction(async (handle) => {
        const inRoom = room === undefined ? undefined : eq(reports.roomId, room);
        const [closed] = await handle
          .update(reports)
          .set({ state, note: note || null, closedBy: acting.by, closedAt: sql`clock_timestamp()` })
          .where(and(eq(reports.id, id), inRoom, ne(sql`${reports.authorId}::text`, acting.by)))
          .returning({ room: reports.roomId, seq: reports.seq, author: reports.authorId });
        if (closed === undefined) return "absent";
        const of = { room: closed.room as RoomId, seq: closed.seq, subject: closed.author as UserId };
        await writeAudit(handle, { ...acting, act: "report_close", ...of, details: { report: id, state }, note });
        return { room: of.room, author: of.subject };
      }),

    queue: (room, limit) => database.run(QUEUE, [room, limit]),

    async deleteClosed(before, limit) {
      return single(await database.run<{ deleted: number }>(DELETE_CLOSED, [before, limit])).deleted;
    },
  };
}

async function add(
  database: Database,
  { by, room, author, isDirect, seq, reason, text, message, messageAt }: NewReport,
  bounds: Parameters<Reports["add"]>[1],
): ReturnType<Reports["add"]> {
  return database.transaction(async (handle) => {
    const same = and(eq(reports.roomId, room), eq(reports.seq, seq), eq(reports.reporterId, by));
    const find = () => handle.select({ id: reports.id, state: reports.state }).from(reports).where(same);
    const [known] = await find();
    if (known !== undefined) return { ...known, isNew: false };
    const isOpen = eq(reports.state, "open");
    const ofRoom = await handle.$count(reports, and(eq(reports.roomId, room), isOpen));
    const ofUser = await handle.$count(reports, and(eq(reports.reporterId, by), isOpen));
    if (ofRoom >= bounds.ofRoom || ofUser >= bounds.ofUser) return "full";
    const copy = { authorId: author, message, messageAt };
    const [made] = await handle
      .insert(reports)
      .values({ id: newId(), roomId: room, isDirect, seq, reporterId: by, reason, text: text || null, ...copy })
      .onConflictDoNothing()
      .returning({ id: reports.id, state: reports.state });
    if (made !== undefined) return { ...made, isNew: true };
    return { ...single(await find()), isNew: false };
  });
}

function toRecord({ at, closedAt, context, ...row }: Row): ReportRecord {
  return { ...row, at: at.getTime(), closedAt: closedAt?.getTime() ?? null, context: context ?? [] };
}
