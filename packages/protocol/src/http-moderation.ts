import { z } from "zod";
import {
  BAN_MAX_SECONDS,
  DIRECT_USERS_MAX,
  INVITE_MAX_SECONDS,
  INVITE_MAX_USES,
  MUTE_MAX_SECONDS,
  REPORT_TEXT_MAX_LENGTH,
  ROOM_TOPIC_MAX_LENGTH,
} from "./limits.ts";
import { REPORT_REASONS, REPORT_STATES } from "./reports.ts";
import { publicUser, roomId, seq, time, userId, username, uuid } from "./schemas.ts";
import { lineOf, storableOf } from "./strings.ts";

/** The last millisecond of the year 9999, in Unix ms. Postgres does not read a later one as JavaScript writes it. */
const TIME_MAX = 253_402_300_799_999;

/** Bodies and answers about who may come into a room, who may not, and who may write in it. */

/** The other users of the conversation. */
export const directBody = z.strictObject({
  users: z
    .array(username)
    .min(1)
    .max(DIRECT_USERS_MAX - 1),
});
export const muteBody = z.strictObject({ seconds: z.int().min(1).max(MUTE_MAX_SECONDS) });
/** Without `seconds` a ban has no end. */
export const banBody = z.strictObject({
  reason: lineOf(ROOM_TOPIC_MAX_LENGTH).optional(),
  seconds: z.int().min(1).max(BAN_MAX_SECONDS).optional(),
});
export const ban = z.object({ user: publicUser, by: userId, at: time, reason: z.string(), until: time.optional() });
export type Ban = z.output<typeof ban>;
export const banList = z.object({ bans: z.array(ban), cursor: z.string().optional() });
/**
 * Who did what in the room. `actor`: the id of a user, `operator` or `system`. `details`: what belongs to the act, such as `role` or
 * `until`. `note`: what the actor wrote, such as the reason of a ban.
 */
export const auditEntry = z.object({
  id: uuid,
  at: time,
  actor: z.string(),
  actorName: z.string().optional(),
  act: z.string(),
  subject: userId.optional(),
  subjectName: z.string().optional(),
  seq: seq.optional(),
  outcome: z.enum(["done", "refused"]),
  details: z.record(z.string(), z.unknown()).optional(),
  note: z.string().optional(),
});
export type AuditEntry = z.output<typeof auditEntry>;
export const auditPage = z.object({ entries: z.array(auditEntry), cursor: z.string().optional() });
export type AuditPage = z.output<typeof auditPage>;
/** `since` inclusive, `until` exclusive; Unix ms. */
export const auditQuery = z.object({
  actor: z.union([userId, z.enum(["operator", "system"])]).optional(),
  subject: userId.optional(),
  act: z
    .string()
    .regex(/^[a-z_]{1,40}$/, "must be the name of an act, such as member_ban")
    .optional(),
  since: z.coerce.number().int().min(0).max(TIME_MAX).optional(),
  until: z.coerce.number().int().min(0).max(TIME_MAX).optional(),
  cursor: uuid.optional(),
});
/** Of the caller, about a message of somebody else. */
export const reportBody = z.strictObject({
  reason: z.enum(REPORT_REASONS),
  text: storableOf({ max: REPORT_TEXT_MAX_LENGTH }).optional(),
});
const reportState = z.enum(REPORT_STATES);
export const madeReport = z.object({ id: uuid, state: reportState });
/** A message near the reported one, as it is now. `text` absent: it was deleted. */
const reportContext = z.object({ seq, at: time, by: publicUser, text: z.string().optional() });
/**
 * `message`: the text as it was reported, whatever became of the message. `text`: of the reporter. `message` and `text` are absent where their
 * author was erased. `closedBy`: the id of a user, or `operator`.
 */
export const report = z.object({
  id: uuid,
  room: roomId,
  seq,
  at: time,
  by: publicUser,
  reason: z.enum(REPORT_REASONS),
  text: z.string().optional(),
  author: publicUser,
  message: z.string().optional(),
  messageAt: time,
  deleted: z.boolean(),
  state: reportState,
  closedAt: time.optional(),
  closedBy: z.string().optional(),
  note: z.string().optional(),
  context: z.array(reportContext),
});
export type Report = z.output<typeof report>;
export const reportPage = z.object({ reports: z.array(report), cursor: z.string().optional() });
export type ReportPage = z.output<typeof reportPage>;
export const reportQuery = z.object({ state: z.enum(["open", "closed"]).optional(), cursor: uuid.optional() });
/** `acted`: something was done about the message. */
export const closeReportBody = z.strictObject({
  state: z.enum(["dismissed", "acted"]),
  note: storableOf({ max: REPORT_TEXT_MAX_LENGTH }).optional(),
});
/** Of a link. `username` instead invites one user, who accepts or declines. */
export const createInviteBody = z.union([
  z.strictObject({
    seconds: z.int().min(60).max(INVITE_MAX_SECONDS).optional(),
    uses: z.int().min(1).max(INVITE_MAX_USES).optional(),
    role: z.enum(["guest", "member"]).optional(),
  }),
  z.strictObject({ username }),
]);
/** `code` is shown once, when the link is made. */
export const invite = z.object({
  id: uuid,
  code: z.string().optional(),
  role: z.enum(["guest", "member"]),
  by: userId,
  createdAt: time,
  expiresAt: time,
  usesLeft: z.int(),
});
export type Invite = z.output<typeof invite>;
export const inviteList = z.object({ invites: z.array(invite) });
export const invitePreview = z.object({ name: z.string(), members: z.int() });
export type InvitePreview = z.output<typeof invitePreview>;
export const inviteCode = z.object({
  code: z.string().regex(/^[A-Za-z0-9_-]{22}$/, "must be the code of an invitation"),
});
export const invitation = z.object({ room: roomId, name: z.string(), by: publicUser, at: time });
export type Invitation = z.output<typeof invitation>;
export const invitationList = z.object({ invitations: z.array(invitation) });
export const blockList = z.object({ users: z.array(publicUser) });
