import { randomBytes } from "node:crypto";
import { CHAIN_START, type ChainEntry, commitmentOf, linkOf, partsOf, type RoomId } from "@hubbub/protocol";
import { audited } from "./audit.ts";
import type { Database, Handle, Statement } from "./database.ts";
import { type EventRow, toEvent } from "./event-row.ts";
import { PAGE_AFTER } from "./events.ts";
import { roomChains } from "./schema-chains.ts";
import type { ChainEnd, Chains } from "./store-chains.ts";

const SALT_BYTES = 32;
/** Fields of an event that name another one. */
const NAMES = ["target", "thread", "replyTo"];

const END: Statement = { name: "chains-end", text: "select seq, link from hubbub.room_chains where room_id = $1" };
/** Chained rooms that one statement looks at. */
const ROOMS_LOOKED_AT = 100;
/** One probe of an index for each of the rooms. */
const DUE: Statement = {
  name: "chains-due",
  text: `
    select c.room_id as room, coalesce((
      select e.at from hubbub.events e where e.room_id = c.room_id and e.seq > c.seq order by e.seq limit 1
    ) <= $1, false) as "isDue"
    from (
      select * from hubbub.room_chains
      where room_id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000') order by room_id limit ${ROOMS_LOOKED_AT}
    ) c
    order by c.room_id`,
};
/**
 * A deletion or a move either waits for this statement, and its trigger then finds the link; or it holds a row, and nothing is
 * sealed. The writer waits no longer than this one statement takes, and this one waits for nobody.
 */
const SEAL: Statement = {
  name: "chains-seal",
  text: `
    with locked as (
      select seq, case when kind = 'data' then extra->'rows' = '[]' else text is null end as is_empty, target, reply_to from hubbub.events where room_id = $1 and seq = any($5::bigint[]) for share skip locked
    ), held as (
      update hubbub.room_chains set seq = $3, link = $4
      where room_id = $1 and link = $2
        and (select array_agg((seq, is_empty, target, reply_to) order by seq) from locked) = (
          select array_agg((seq, is_empty, target, reply_to) order by seq)
          from unnest($5::bigint[], $9::boolean[], $10::bigint[], $11::bigint[]) as read (seq, is_empty, target, reply_to)
        )
      returning room_id
    )
    insert into hubbub.chain_links (room_id, seq, salt, commitment, link)
    select room_id, new.seq, new.salt, new.commitment, new.link
    from held, unnest($5::bigint[], $6::text[], $7::text[], $8::text[]) as new (seq, salt, commitment, link)
    returning seq`,
};
const LINKS: Statement = {
  name: "chains-links",
  text: `
    select l.seq, l.salt, l.commitment, l.link, l.sealed_as, e.epoch, e.at, e.kind, e.user_id, e.event_id, e.text, e.reply_to, e.target, e.extra,
      coalesce((select u.username from hubbub.users u where u.id = e.user_id), 'unknown') as username
    from (
      select * from hubbub.chain_links where room_id = $1 and seq between $2 and $3 order by seq limit $4
    ) l
    left join hubbub.events e on e.room_id = $1 and e.seq = l.seq
    order by l.seq`,
};
const BEFORE: Statement = {
  name: "chains-before",
  text: "select link from hubbub.chain_links where room_id = $1 and seq < $2 order by seq desc limit 1",
};

type Sealed = Omit<ChainEntry, "event"> & Pick<EventRow, "seq" | "target" | "reply_to"> & { readonly isEmpty: boolean };
type LinkRow = EventRow &
  ChainEntry & { readonly sealed_as: { readonly target: number | null; readonly replyTo: number | null } | null };

/** In the order of the parameters of SEAL, from $5 on. */
const SEALED_COLUMNS = ["seq", "salt", "commitment", "link", "isEmpty", "target", "reply_to"] as const;

export function createChains(database: Database): Chains {
  return {
    async begin(room, acting) {
      const first = { roomId: room, seq: 0, link: CHAIN_START };
      const begin = (handle: Handle) => handle.insert(roomChains).values(first).onConflictDoNothing().returning();
      await audited(database, { ...acting, act: "room_chain", room }, begin);
    },
    end: async (room) => (await database.run<ChainEnd>(END, [room]))[0] ?? null,
    async due(before, after) {
      const rooms = await database.run<{ room: RoomId; isDue: boolean }>(DUE, [before, after]);
      const room = rooms.find(({ isDue }) => isDue)?.room ?? null;
      const last = rooms.length < ROOMS_LOOKED_AT ? null : (rooms.at(-1)?.room ?? null);
      return { room, next: room ?? last };
    },
    async seal(room, before, limit) {
      const [end] = await database.run<ChainEnd>(END, [room]);
      if (end === undefined) return 0;
      const rows = await database.run<EventRow>(PAGE_AFTER, [room, end.seq, limit]);
      const young = rows.findIndex(({ at }) => at > before);
      const sealed = await sealRows(room, end.link, young === -1 ? rows : rows.slice(0, young));
      const last = sealed.at(-1);
      if (last === undefined) return 0;
      const columns = SEALED_COLUMNS.map((name) => sealed.map((entry) => entry[name]));
      const written = await database.run(SEAL, [room, end.link, last.seq, last.link, ...columns]);
      return written.length === 0 ? -1 : written.length;
    },
    async links(room, { from, to, limit }) {
      const rows = await database.run<LinkRow>(LINKS, [room, from, to, limit]);
      const [before] = await database.run<{ link: string }>(BEFORE, [room, from]);
      return { before: before?.link ?? CHAIN_START, entries: rows.map((row) => toEntry(room, row)) };
    },
  };
}

async function sealRows(room: RoomId, after: string, rows: readonly EventRow[]): Promise<Sealed[]> {
  const sealed: Sealed[] = [];
  let previous = after;
  for (const row of rows) {
    const { head, content } = partsOf(toEvent(room, row));
    const isEmpty = row.kind === "data" ? isEmptied(row) : row.text === null;
    const isGone = isEmpty && ["message", "edit", "data"].includes(row.kind);
    const salt = isGone ? null : randomBytes(SALT_BYTES).toString("base64url");
    const commitment = salt === null ? null : await commitmentOf(salt, content);
    previous = await linkOf(previous, head, commitment);
    const { seq, target, reply_to } = row;
    sealed.push({ seq, salt, commitment, link: previous, isEmpty, target, reply_to });
  }
  return sealed;
}

function isEmptied({ extra }: EventRow): boolean {
  const rows = extra?.["rows"];
  return Array.isArray(rows) && rows.length === 0;
}

/** Without a kind there is no row. */
function toEntry(room: RoomId, row: LinkRow): ChainEntry {
  const { salt, commitment, link, seq, sealed_as } = row;
  if ((row.kind as string | null) === null) return { event: { room, seq }, salt, commitment, link };
  const present: ChainEntry["event"] = { ...toEvent(room, row) };
  if (sealed_as === null) return { event: present, salt, commitment, link };
  const event: ChainEntry["event"] = {
    ...toEvent(room, { ...row, target: sealed_as.target, reply_to: sealed_as.replyTo }),
  };
  const moved = NAMES.filter((name) => present[name] !== event[name]).map((name) => [name, Number(present[name])]);
  return { event, salt, commitment, link, ...(moved.length === 0 ? {} : { moved: Object.fromEntries(moved) }) };
}
