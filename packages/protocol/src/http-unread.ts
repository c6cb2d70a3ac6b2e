import { z } from "zod";
import { visibility } from "./http.ts";
import { invitation } from "./http-moderation.ts";
import { PRESENCE_MAX, STATUS_TEXT_MAX_LENGTH } from "./limits.ts";
import { role } from "./room-settings.ts";
import { boundedText, emoji, epoch, publicUser, roomId, seq, time, userId } from "./schemas.ts";
import { lineOf } from "./strings.ts";

/** Bodies and answers about what a user has read, chosen and said of themselves. */

export const notificationLevel = z.enum(["all", "mentions", "nothing"]);

/** A joined room. `read`: the mark. `unread`: messages of others above it, cut at 100. `mentions`: exact. */
export const roomState = z.object({
  room: roomId,
  name: z.string(),
  visibility,
  topic: z.string(),
  role,
  head: seq,
  epoch,
  read: seq,
  unread: z.int(),
  mentions: z.int(),
  level: notificationLevel,
  starred: z.boolean(),
  /** The newest message: at most 120 characters of its present text. */
  last: z.object({ seq, at: time, by: publicUser, text: z.string() }).optional(),
});
export type RoomState = z.output<typeof roomState>;

/** What the user has typed into the box of a room and not sent; "": nothing. `at`: when, Unix ms. */
export const draft = z.object({ text: z.string(), at: time });
/** `at`: by the clock of the client; a time ahead of the server's counts as now. */
export type Draft = z.output<typeof draft>;
export const draftBody = z.strictObject({ text: boundedText, at: time });
export const draftQuery = z.strictObject({
  at: z
    .string()
    .regex(/^\d{1,15}$/, "must be Unix milliseconds")
    .transform(Number),
});

export const readBody = z.strictObject({ seq });
/** What is absent stays as it is. */
export const preferenceBody = z.strictObject({ level: notificationLevel.optional(), starred: z.boolean().optional() });
export const preferences = z.object({ level: notificationLevel, starred: z.boolean() });
export type Preferences = z.output<typeof preferences>;

const statusText = lineOf(STATUS_TEXT_MAX_LENGTH);
/** `until`: Unix ms; absent: without end. */
const customStatus = { emoji: emoji.optional(), until: time.optional() };
export const personStatus = z.object({
  away: z.boolean(),
  status: z.object({ ...customStatus, emoji: z.string().optional(), text: z.string().optional() }).optional(),
});
/** `since`: `at` of an earlier answer. */
export const stateQuery = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/, "must be Unix milliseconds")
    .transform(Number)
    .optional(),
  cursor: roomId.optional(),
});
/**
 * `rooms`: with `since` those with something newer. `joined`: how many there are in all. A client that holds another number
 * after it has taken `rooms` in has lost a room, and asks again without `since`. On the first page, in any case all of them: `drafts`; `invitations`; `status`, what the user
 * says of themselves; `reports`, rooms that the user moderates and that have open reports, at most 100.
 */
export const statePage = z.object({
  rooms: z.array(roomState),
  drafts: z.array(draft.extend({ room: roomId })).optional(),
  invitations: z.array(invitation).optional(),
  status: personStatus.optional(),
  reports: z.array(z.object({ room: roomId, open: z.int().min(1) })).optional(),
  joined: z.int(),
  at: time,
  cursor: roomId.optional(),
});
export type StatePage = z.output<typeof statePage>;

/** What is absent stays as it is; `status` null takes it away. `lastSeen` false: nobody is told. */
export const statusBody = z.strictObject({
  away: z.boolean().optional(),
  lastSeen: z.boolean().optional(),
  status: z
    .strictObject({ ...customStatus, text: statusText.optional() })
    .nullable()
    .optional(),
});
export const presenceBody = z.strictObject({ users: z.array(userId).max(PRESENCE_MAX) });
/** `lastSeen`: Unix ms, rounded down to ten minutes. */
export const person = personStatus.extend({ user: userId, online: z.boolean(), lastSeen: time.optional() });
export type Person = z.output<typeof person>;
export const presenceList = z.object({ people: z.array(person) });
