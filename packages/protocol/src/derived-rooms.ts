import { ANNOUNCEMENTS_ROOM } from "./announcements.ts";
import { withBadge } from "./bots.ts";
import type { RoomId, UserId } from "./ids.ts";
import type { RoomSettings } from "./room-settings.ts";
import type { PublicUser } from "./schemas.ts";

/** Nobody has the role: only standing queries write in derived rooms. */
export const DERIVED_SETTINGS: RoomSettings = {
  permissions: { post: "owner", react: "owner", pin: "owner", invite: "owner" },
};

/** The author of what standing queries find. It is no account; the name is reserved. */
export const QUERIES_AUTHOR = {
  id: "00000000-0000-8000-8000-000000000002" as UserId,
  username: "hubbub",
} as const;

/** Where a UUID has its version. Ids of other rooms have 7 there, but for the room of announcements. */
const VERSION_AT = 14;

/**
 * The id of the derived room of a query: a UUID of version 8 with 122 bits of a hash.
 * @param hash at least 32 lower-case hexadecimal digits
 */
export function derivedRoomId(hash: string): RoomId {
  const variant = "89ab"[Number.parseInt(hash.slice(16, 17), 16) % 4];
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`];
  return [...parts, hash.slice(20, 32)].join("-") as RoomId;
}

/** Whether the members of a source read this room, by its id. */
export function isDerivedRoom(room: RoomId): boolean {
  return room[VERSION_AT] === "8" && room !== ANNOUNCEMENTS_ROOM;
}

/** The author of a stored event, as events show them. Rows of standing queries have no account to take the name from. */
export function authorOf(id: UserId, username: string): PublicUser {
  return id === QUERIES_AUTHOR.id ? QUERIES_AUTHOR : withBadge({ id, username });
}
