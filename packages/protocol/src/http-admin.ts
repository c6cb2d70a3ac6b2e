import { z } from "zod";
import { listMembersQuery } from "./http.ts";
import { auditEntry, auditQuery, reportQuery } from "./http-moderation.ts";
import { BAN_MAX_SECONDS, ROOM_NAME_MAX_LENGTH, ROOM_TOPIC_MAX_LENGTH } from "./limits.ts";
import { eventId, messageText, publicUser, roomId, time } from "./schemas.ts";
import { SERVER_ROLES } from "./server-roles.ts";
import { lineOf, storableOf } from "./strings.ts";

/** Bodies and answers for people with a server role. */

export const listUsersQuery = listMembersQuery.extend({
  /** A part of the name. */
  search: storableOf({ max: ROOM_NAME_MAX_LENGTH }).optional(),
  suspended: z.enum(["true", "false"]).optional(),
});
/** The user reads the reason at a login. Without `seconds` the suspension has no end. */
export const suspendBody = z.strictObject({
  reason: lineOf(ROOM_TOPIC_MAX_LENGTH),
  seconds: z.int().min(1).max(BAN_MAX_SECONDS).optional(),
});
/** The same `id` again is the same announcement. */
export const announcementBody = z.strictObject({ id: eventId, text: messageText });
/** null: none. */
export const serverRoleBody = z.strictObject({ role: z.enum(SERVER_ROLES).nullable() });
export const suspension = z.object({ reason: z.string(), at: time, until: time.optional() });
export const adminUser = z.object({
  user: publicUser,
  guest: z.boolean(),
  createdAt: time,
  role: z.enum(SERVER_ROLES).optional(),
  suspension: suspension.optional(),
});
export type AdminUserInfo = z.output<typeof adminUser>;
export const adminUserPage = z.object({ users: z.array(adminUser), cursor: z.string().optional() });

export const adminAuditQuery = auditQuery.extend({ room: roomId.optional() });
/** `address`: of the actor's client, for admins. */
export const adminAuditEntry = auditEntry.extend({ room: roomId.optional(), address: z.string().optional() });
export type AdminAuditEntry = z.output<typeof adminAuditEntry>;
export const adminAuditPage = z.object({ entries: z.array(adminAuditEntry), cursor: z.string().optional() });
/** `direct`: of the direct rooms, which have no moderators; without it of all other rooms. */
export const adminReportQuery = reportQuery.extend({ direct: z.enum(["true", "false"]).optional() });
