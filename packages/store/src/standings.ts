import {
  ANNOUNCEMENTS_ROOM,
  ANNOUNCEMENTS_SETTINGS,
  type Role,
  type RoomSettings,
  type Standing,
} from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import { withDerivedRooms } from "./derived-standings.ts";
import type { Members } from "./store-rooms.ts";

const IS_ANNOUNCEMENTS = `pair.room_id = '${ANNOUNCEMENTS_ROOM}'`;

/** Everybody is a guest of the room of announcements. In a direct room of two a member that the other one has blocked may not write: it counts as muted without end. */
const STANDINGS: Statement = {
  name: "member-standings",
  text: `
    select coalesce(m.role, case when ${IS_ANNOUNCEMENTS} then 'guest' end) as role,
      coalesce(r.settings, case when ${IS_ANNOUNCEMENTS} then '${JSON.stringify(ANNOUNCEMENTS_SETTINGS)}'::jsonb end) as settings, m.joined_seq,
      case
        when r.visibility = 'direct' and exists (
          select from hubbub.blocks b join hubbub.members o on o.room_id = m.room_id and o.user_id = b.user_id
          where b.blocked_id = m.user_id
        ) and (select count(*) from hubbub.members o where o.room_id = m.room_id) = 2 then ${Number.MAX_SAFE_INTEGER}
        else extract(epoch from case when m.muted_until > now() then m.muted_until end) * 1000
      end::bigint as muted_until
    from unnest($1::uuid[], $2::uuid[]) with ordinality as pair (room_id, user_id, position)
    left join (
      hubbub.members m join hubbub.rooms r on r.id = m.room_id and r.archived_at is null
    ) on m.room_id = pair.room_id and m.user_id = pair.user_id
    order by pair.position`,
};

interface Row {
  readonly role: Role | null;
  readonly settings: RoomSettings | null;
  readonly joined_seq: number;
  readonly muted_until: number | null;
}

export function createStandings(database: Database): Pick<Members, "standings" | "roles"> {
  const standings = withDerivedRooms(database, async (pairs) => {
    const rows = await database.run<Row>(STANDINGS, [pairs.map(({ room }) => room), pairs.map(({ user }) => user)]);
    return rows.map(toStanding);
  });
  return {
    standings,
    roles: async (pairs) => (await standings(pairs)).map((standing) => standing?.role ?? null),
  };
}

function toStanding({ role, settings, joined_seq, muted_until }: Row): Standing | null {
  if (role === null) return null;
  return {
    role,
    from: settings?.history === "joined" ? joined_seq : 0,
    ...(settings === null ? {} : { settings }),
    ...(muted_until === null ? {} : { mutedUntil: muted_until }),
  };
}
