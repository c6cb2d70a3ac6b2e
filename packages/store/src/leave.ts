import { ProtocolError, type Role, type RoomId, type UserId } from "@hubbub/protocol";
import { and, eq, ne } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database, Handle } from "./database.ts";
import { departures, members, rooms } from "./schema.ts";
import { invitations, invites } from "./schema-invites.ts";
import type { Acting } from "./store-audit.ts";
import type { Departure, Members } from "./store-rooms.ts";

/** Its users are what makes it the room that it is. */
const STAYS = "nobody leaves a direct room; set its level to nothing, or block the user";

/** Locks the row of the room, so that two owners cannot both leave at once. */
export function leave(
  database: Database,
  room: RoomId,
  user: UserId,
  how: Parameters<Members["leave"]>[2] = {},
): Promise<Departure> {
  return database.transaction((handle) => remove(handle, room, user, how));
}

export function removeMember(database: Database, room: RoomId, user: UserId, acting: Acting): Promise<Departure> {
  return database.transaction(async (handle) => {
    const departure = await remove(handle, room, user, { isRemoved: true });
    await endLinks(handle, room, user);
    if (departure === "left") await writeAudit(handle, { ...acting, act: "member_remove", room, subject: user });
    return departure;
  });
}

/** Within a transaction. `isRemoved`: by somebody else. */
export async function remove(
  handle: Handle,
  room: RoomId,
  user: UserId,
  { isRemoved = false, mayClose = false }: { isRemoved?: boolean; mayClose?: boolean },
): Promise<Departure> {
  const [found] = await handle
    .select({ visibility: rooms.visibility })
    .from(rooms)
    .where(eq(rooms.id, room))
    .for("update");
  const role = await roleIn(handle, room, user);
  if (role === null) return "absent";
  if (found?.visibility === "direct") throw new ProtocolError("forbidden", STAYS);
  const isOnlyOwner = role === "owner" && !(await hasOthers(handle, room, user, "owner"));
  if (isOnlyOwner) {
    if (await hasOthers(handle, room, user)) return "last_owner";
    if (!mayClose) return "alone";
    await handle.update(rooms).set({ archivedAt: new Date() }).where(eq(rooms.id, room));
    await writeAudit(handle, { by: user, act: "room_delete", room });
  }
  const [left] = await handle.delete(members).where(isMember(room, user)).returning({ mutedUntil: members.mutedUntil });
  const set = { isRemoved, mutedUntil: left?.mutedUntil ?? null, wasGuest: role === "guest" };
  await handle
    .insert(departures)
    .values({ roomId: room, userId: user, ...set })
    .onConflictDoUpdate({ target: [departures.roomId, departures.userId], set });
  return "left";
}

/** What the user has made for others to come in by: it could let another account of the same person in. */
export async function endLinks(handle: Handle, room: RoomId, user: UserId): Promise<void> {
  await handle.delete(invitations).where(and(eq(invitations.roomId, room), eq(invitations.byId, user)));
  await handle.delete(invites).where(and(eq(invites.roomId, room), eq(invites.byId, user)));
}

/** false: the room would have no owner. */
export function setRole(
  database: Database,
  { room, user, role }: { room: RoomId; user: UserId; role: Role },
  acting: Acting,
): ReturnType<Members["setRole"]> {
  return database.transaction(async (handle) => {
    await handle.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, room)).for("update");
    const present = await roleIn(handle, room, user);
    if (present === null) return "absent";
    if (present === "owner" && role !== "owner" && !(await hasOthers(handle, room, user, "owner"))) return "last_owner";
    await handle.update(members).set({ role }).where(isMember(room, user));
    await writeAudit(handle, { ...acting, act: "role_set", room, subject: user, details: { role, before: present } });
    return "set";
  });
}

const isMember = (room: RoomId, user: UserId) => and(eq(members.roomId, room), eq(members.userId, user));

async function roleIn(handle: Handle, room: RoomId, user: UserId) {
  const [found] = await handle.select({ role: members.role }).from(members).where(isMember(room, user));
  return found?.role ?? null;
}

async function hasOthers(handle: Handle, room: RoomId, user: UserId, role?: "owner"): Promise<boolean> {
  const others = await handle
    .select({ id: members.userId })
    .from(members)
    .where(
      and(eq(members.roomId, room), ne(members.userId, user), role === undefined ? undefined : eq(members.role, role)),
    )
    .limit(1);
  return others.length > 0;
}
