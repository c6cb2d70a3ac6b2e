import { z } from "zod";
import { mentionsOfText } from "./event.ts";
import { draft, notificationLevel, personStatus } from "./http-unread.ts";
import { epoch, exportId, exportState, publicUser, roomId, seq, time } from "./schemas.ts";

/**
 * The newest event of a room that is subscribed in head mode, at most once a second. `at`, `by` and `preview` are those of the
 * newest message since the last such frame; without a message, those of the newest event, and no preview; they are absent when
 * the gateway does not have the event any more. `mentions`: of all messages since the last such frame, at most 50 names.
 */
export const headFrame = z.object({
  type: z.literal("head"),
  room: roomId,
  epoch,
  seq,
  at: time.optional(),
  by: publicUser.optional(),
  preview: z.string().optional(),
  mentions: mentionsOfText.optional(),
});

const type = z.literal("personal");

/**
 * News of the user for the user's own connections. What it announces is a row: `GET /me/state` has it, too.
 * - `read`: another connection has read up to seq. `room`: a choice for a room. `status`: of the user.
 * - `joined`, `left`: a room has become one of the user's, or is none any longer. `invited`: somebody invites the user.
 * - `notification`: the message `seq` of a user mentions this one by name; `preview` has 120 characters of it.
 * - `report`: a message was reported in a room that the user moderates, or a report was closed; `open` of them wait, and
 *   `GET /rooms/{id}/reports` has them.
 * - `export`: an export of the user's data has ended.
 * - `draft`: what the user has typed into the box of a room, "" for nothing.
 * - `missed`: frames may have been lost, so read the state again, after `afterMs`.
 *
 * Clients ignore kinds that they do not know.
 */
export const personalFrame = z.discriminatedUnion("kind", [
  z.object({ type, kind: z.literal("read"), room: roomId, seq }),
  z.object({ type, kind: z.literal("room"), room: roomId, level: notificationLevel, starred: z.boolean() }),
  z.object({ type, kind: z.literal("status"), ...personStatus.shape }),
  z.object({ type, kind: z.literal("joined"), room: roomId }),
  z.object({ type, kind: z.literal("left"), room: roomId }),
  z.object({ type, kind: z.literal("invited"), room: roomId }),
  z.object({ type, kind: z.literal("notification"), room: roomId, seq, by: publicUser, preview: z.string() }),
  z.object({ type, kind: z.literal("report"), room: roomId, open: z.int().min(0) }),
  z.object({ type, kind: z.literal("export"), export: exportId, state: exportState }),
  z.object({ type, kind: z.literal("draft"), room: roomId, ...draft.shape }),
  z.object({ type, kind: z.literal("missed"), afterMs: z.int().min(0) }),
]);
export type PersonalFrame = z.output<typeof personalFrame>;
