import { z } from "zod";
import {
  BAN_MAX_SECONDS,
  DIRECT_USERS_MAX,
  INVITE_MAX_SECONDS,
  INVITE_MAX_USES,
  MUTE_MAX_SECONDS,
  ROOM_TOPIC_MAX_LENGTH,
} from "./limits.ts";
import { publicUser, roomId, time, userId, username, uuid } from "./schemas.ts";
import { lineOf } from "./strings.ts";

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
export const banList = z.object({ bans: z.array(ban), cursor: z.string().optional() });
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
export const inviteCode = z.object({
  code: z.string().regex(/^[A-Za-z0-9_-]{22}$/, "must be the code of an invitation"),
});
export const invitation = z.object({ room: roomId, name: z.string(), by: publicUser, at: time });
export const invitationList = z.object({ invitations: z.array(invitation) });
export const blockList = z.object({ users: z.array(publicUser) });
