import {
  type Role,
  type RoomId,
  type RoomSettings,
  type ServerRole,
  type UserId,
  usernameKey,
  type Visibility,
} from "@hubbub/protocol";
import { ROOM, ROOMS, ROOMS_NAMED, ROOMS_OF, SUSPENDED, USER, USERS } from "./admin-statements.ts";
import { decodeMemberCursor } from "./cursor.ts";
import type { Database, Statement } from "./database.ts";
import { roomNameKey } from "./room-name.ts";
import type { Admin, AdminRoom, AdminUser, Page } from "./store-admin.ts";

/** Rows that one page of a search looks at. */
const LOOKED_AT_ONCE = 2_000;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

interface Edge {
  readonly looked: number;
  readonly last: string | null;
  readonly id: string | null;
}

interface UserRow extends Edge {
  readonly id: string;
  readonly username: string;
  readonly is_guest: boolean;
  readonly created_at: Date;
  readonly server_role: ServerRole | null;
  readonly reason: string | null;
  readonly suspended_at: Date | null;
  readonly until: Date | null;
}

interface RoomRow extends Edge {
  readonly id: string;
  readonly name: string;
  readonly visibility: Visibility;
  readonly topic: string;
  readonly settings: RoomSettings | null;
  readonly created_at: Date;
  readonly archived_at: Date | null;
  readonly members: number;
  readonly role: Role;
}

type Lists = Pick<Admin, "users" | "user" | "rooms" | "room" | "roomsNamed" | "roomsOf">;

export function createAdminLists(database: Database): Lists {
  return {
    async users({ suspended = false, search = "", ...page }) {
      const asked = { ...page, needle: usernameKey(search) };
      const { rows, cursor } = await readPage<UserRow>(database, suspended ? SUSPENDED : USERS, asked);
      return { users: rows.map(toUser), cursor };
    },
    async user(user) {
      const [row] = await database.run<UserRow>(USER, [user]);
      return row === undefined ? null : toUser(row);
    },
    async rooms({ search = "", ...page }) {
      const { rows, cursor } = await readPage<RoomRow>(database, ROOMS, { ...page, needle: roomNameKey(search) });
      return { rooms: rows.map(toRoom), cursor };
    },
    async room(room) {
      const [row] = await database.run<RoomRow>(ROOM, [room]);
      return row === undefined ? null : toRoom(row);
    },
    roomsNamed: async (name, limit) =>
      (await database.run<RoomRow>(ROOMS_NAMED, [roomNameKey(name), limit])).map(toRoom),
    async roomsOf(user, { search = "", ...page }) {
      const asked = { ...page, needle: roomNameKey(search), of: user };
      const { rows, cursor } = await readPage<RoomRow>(database, ROOMS_OF, asked);
      return { rooms: rows.map((row) => ({ ...toRoom(row), role: row.role })), cursor };
    },
  };
}

type Asked = Omit<Page, "search"> & { readonly needle: string; readonly of?: UserId };

async function readPage<Row extends Edge>(database: Database, statement: Statement, asked: Asked) {
  const { needle, cursor, limit, of } = asked;
  const from = cursor === undefined ? FIRST_ID : decodeMemberCursor(cursor);
  const window = needle === "" ? limit + 1 : LOOKED_AT_ONCE;
  const values = [from, window, needle, limit + 1, ...(of === undefined ? [] : [of])];
  const rows = await database.run<Row>(statement, values);
  const found = rows.filter(({ id }) => id !== null);
  const shown = found.slice(0, limit);
  if (found.length > limit) return { rows: shown, cursor: shown.at(-1)?.id ?? undefined };
  const [edge] = rows;
  return { rows: shown, cursor: edge?.looked === window ? (edge.last ?? undefined) : undefined };
}

function toUser(row: UserRow): AdminUser {
  const { suspended_at: at, reason } = row;
  return {
    user: { id: row.id as UserId, username: row.username },
    isGuest: row.is_guest,
    createdAt: row.created_at,
    role: row.server_role,
    suspension: at === null ? null : { at, reason: reason ?? "", until: row.until },
  };
}

function toRoom(row: RoomRow): AdminRoom {
  const { name, visibility, topic, settings, members } = row;
  const [createdAt, closedAt] = [row.created_at, row.archived_at];
  return { id: row.id as RoomId, name, visibility, topic, settings, createdAt, closedAt, members };
}
