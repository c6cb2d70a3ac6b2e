import type { FileId, RoomId } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";
import { type EventRow, toEvent } from "./event-row.ts";
import { SECTIONS, type SectionQuery } from "./export-sections.ts";
import { isMissing } from "./nodes.ts";
import type { ExportContents } from "./store-exports.ts";
import type { FileRecord } from "./store-files.ts";

const FIRST_ID = "00000000-0000-0000-0000-000000000000";
/** Smaller than every key of the type. */
const FIRST = { uuid: FIRST_ID, bigint: "-1", text: "" } as const;

const ROOMS = `
  select room_id as room from hubbub.members where user_id = $1
  union select room_id from hubbub.departures where user_id = $1`;
const OWN_FILES = "user_id = $1 and stored_at is not null and released_at is null";

const COUNT: Statement = {
  name: "export-count",
  text: `
    select (select count(*) from (${ROOMS}) r)::int as rooms, count(*)::int as files, coalesce(sum(bytes), 0)::bigint as "fileBytes"
    from hubbub.files where ${OWN_FILES}`,
};
const ROOMS_PAGE: Statement = {
  name: "export-rooms",
  text: `select room from (${ROOMS}) r where room > $2 order by room limit $3`,
};
const FILES: Statement = {
  name: "export-files",
  text: `
    select id, room_id as room, user_id as "user", hash, name, type, bytes, width, height
    from hubbub.files where ${OWN_FILES} and id > $2 order by id limit $3`,
};

const AVATAR: Statement = {
  name: "export-avatar",
  text: "select avatar from hubbub.profiles where user_id = $1 and avatar is not null",
};

/** As erasures do: a part of the room by its key, so that no index by author is needed, which every batch of the writer would pay for. */
const EVENTS: Statement = {
  name: "export-events",
  text: `
    with looked_at as materialized (
      select seq, user_id from hubbub.events where room_id = $2 and seq > $3::bigint order by seq limit $5::int
    ), found as materialized (
      select seq from looked_at where user_id = $1 order by seq limit $4::int
    ), place as (
      select case when (select count(*) from found) = $4::int then (select max(seq) from found)
        else (select max(seq) from looked_at) end as last
    )
    select place.last, e.seq, e.epoch, e.at, e.kind, e.user_id, '' as username, e.event_id, e.text, e.reply_to, e.target, e.extra
    from place left join (found join hubbub.events e on e.room_id = $2 and e.seq = found.seq) on true
    order by e.seq`,
};

const statements = new Map(SECTIONS.map((section) => [section.name, pageOf(section)]));

/** `key0`, `key1` … are the key of the line. */
function pageOf({ name, columns, from, where, key }: SectionQuery): Statement {
  const keys = key.map(([column]) => column).join(", ");
  const values = key.map(([, type], at) => `$${at + 3}::${type}`).join(", ");
  const shown = key.map(([column], at) => `${column}::text as key${at}`).join(", ");
  return {
    name: `export-section-${name}`,
    text: `select ${columns}, ${shown} from ${from} where ${where} and (${keys}) > (${values}) order by ${keys} limit $2`,
  };
}

/** Bots and hooks have no rows before their migration. */
function noneBeforeMigration(error: unknown): never[] {
  if (isMissing(error)) return [];
  throw error;
}

export function createExportContents(database: Database): ExportContents {
  return {
    sections: SECTIONS,
    count: async (user) => single(await database.run(COUNT, [user])),

    async section(name, user, after, limit) {
      const { key = [] } = SECTIONS.find((section) => section.name === name) ?? {};
      const statement = statements.get(name);
      if (statement === undefined) throw new RangeError(`no section ${name}`);
      const place = key.map(([, type], at) => after[at] ?? FIRST[type]);
      const rows = await database
        .run<Record<string, unknown>>(statement, [user, limit, ...place])
        .catch(noneBeforeMigration);
      return rows.map((row) => {
        const entries = Object.entries(row);
        const shown = entries.slice(0, entries.length - key.length);
        return {
          key: entries.slice(entries.length - key.length).map(([, value]) => String(value)),
          line: Object.fromEntries(shown.filter(([, value]) => value !== null)),
        };
      });
    },

    async rooms(user, after, limit) {
      const rows = await database.run<{ room: RoomId }>(ROOMS_PAGE, [user, after ?? FIRST_ID, limit]);
      return rows.map(({ room }) => room);
    },

    async events(user, room, after, { events, rows }) {
      type Row = EventRow & { readonly last: number | null };
      const found = await database.run<Row>(EVENTS, [user, room, after, events, rows]);
      const own = found.filter(({ seq }) => seq !== null);
      return { events: own.map((row) => toEvent(room, row)), last: found[0]?.last ?? null };
    },

    avatar: async (user) => (await database.run<{ avatar: string }>(AVATAR, [user]))[0]?.avatar ?? null,
    files: (user, after: FileId | null, limit) => database.run<FileRecord>(FILES, [user, after ?? FIRST_ID, limit]),
  };
}
