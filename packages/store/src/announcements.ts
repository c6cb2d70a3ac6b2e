import { ANNOUNCEMENTS_NAME, ANNOUNCEMENTS_ROOM, ANNOUNCEMENTS_SETTINGS, type UserId } from "@hubbub/protocol";
import { and, eq } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { departures, members, rooms } from "./schema.ts";
import type { Acting } from "./store-audit.ts";

/**
 * See `Rooms.announce`. The author becomes a member, so that an erasure and an export find what they announced. A room that an operator has
 * deleted is there again.
 */
export function announce(database: Database, user: UserId, acting: Acting): Promise<void> {
  return database.transaction(async (handle) => {
    const name = ANNOUNCEMENTS_NAME;
    const shape = { visibility: "private" as const, topic: "", settings: ANNOUNCEMENTS_SETTINGS, archivedAt: null };
    await handle
      .insert(rooms)
      .values({ id: ANNOUNCEMENTS_ROOM, name, nameKey: name, ...shape })
      .onConflictDoUpdate({ target: rooms.id, set: { settings: ANNOUNCEMENTS_SETTINGS, archivedAt: null } });
    await handle
      .insert(members)
      .values({ roomId: ANNOUNCEMENTS_ROOM, userId: user, role: "member" })
      .onConflictDoNothing();
    const own = and(eq(departures.roomId, ANNOUNCEMENTS_ROOM), eq(departures.userId, user));
    await handle.delete(departures).where(own);
    await writeAudit(handle, { ...acting, act: "announcement", room: ANNOUNCEMENTS_ROOM });
  });
}
