import { DERIVED_SETTINGS, isDerivedRoom, type RoomId, type Standing } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import type { Members } from "./store-rooms.ts";

const SOURCES: Statement = {
  name: "derived-sources",
  text: `
    select q.room_id as room, q.source_id as source from hubbub.standing_queries q
    join hubbub.rooms d on d.id = q.room_id and d.archived_at is null
    where q.room_id = any($1::uuid[])`,
};

/** Of a derived room the members of its source are guests. A room that hides its history from newcomers has no derived rooms for them. */
export function withDerivedRooms(database: Database, standings: Members["standings"]): Members["standings"] {
  return async (pairs) => {
    const derived = [...new Set(pairs.map(({ room }) => room).filter(isDerivedRoom))];
    if (derived.length === 0) return standings(pairs);
    const rows = await database.run<{ room: RoomId; source: RoomId }>(SOURCES, [derived]);
    const sources = new Map(rows.map(({ room, source }) => [room, source]));
    const found = await standings(pairs.map(({ room, user }) => ({ room: sources.get(room) ?? room, user })));
    return found.map((standing, at) =>
      sources.has(pairs[at]?.room ?? ("" as RoomId)) ? asReader(standing) : standing,
    );
  };
}

function asReader(standing: Standing | null): Standing | null {
  if (standing === null || standing.settings?.history === "joined") return null;
  return { role: "guest", from: 0, settings: DERIVED_SETTINGS };
}
