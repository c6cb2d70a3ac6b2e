import type { RoomId, UserId } from "@hubbub/protocol";
import { and, asc, eq, ne } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database, Handle } from "./database.ts";
import { remove } from "./leave.ts";
import { members } from "./schema.ts";
import type { Erasures } from "./store-erasures.ts";

/** See `Erasures.leave`. Nobody is left in a room: it closes. */
export function leaveAsErased(database: Database, user: UserId, room: RoomId): ReturnType<Erasures["leave"]> {
  return database.transaction(async (handle) => {
    const departure = await remove(handle, room, user, { mayClose: true });
    if (departure !== "last_owner") return { departure, heir: null };
    const heir = await promote(handle, user, room);
    return { departure: await remove(handle, room, user, { mayClose: true }), heir };
  });
}

/** The row of the room is locked. */
async function promote(handle: Handle, user: UserId, room: RoomId): Promise<UserId | null> {
  const [longest] = await handle
    .select({ id: members.userId })
    .from(members)
    .where(and(eq(members.roomId, room), ne(members.userId, user)))
    .orderBy(asc(members.joinedAt), asc(members.userId))
    .limit(1);
  if (longest === undefined) return null;
  await handle
    .update(members)
    .set({ role: "owner" })
    .where(and(eq(members.roomId, room), eq(members.userId, longest.id)));
  const heir = longest.id as UserId;
  await writeAudit(handle, { by: "system", act: "role_set", room, subject: heir, details: { role: "owner" } });
  return heir;
}
