import { z } from "zod";
import { boundedText, eventId, publicUser, roomId, time, userId, username } from "./schemas.ts";

/** Bots of a user, and hooks of a room. */
export const createBotBody = z.strictObject({ username });
export const botInfo = z.object({ user: publicUser, createdAt: time });
export type BotInfo = z.output<typeof botInfo>;
export const botList = z.object({ bots: botInfo.array() });

export const createHookBody = z.strictObject({ bot: userId });
export const hookInfo = z.object({
  id: z.string(),
  room: roomId,
  bot: publicUser,
  createdAt: time,
  usedAt: time.optional(),
});
export type HookInfo = z.output<typeof hookInfo>;
/** `path`: of the address that posts into the room, below the address of the server. Shown once. */
export const newHook = hookInfo.extend({ path: z.string() });
export type NewHook = z.output<typeof newHook>;
export const hookList = z.object({ hooks: hookInfo.array() });

/** As Slack has it. Fields that this server does not know are ignored. */
export const hookBody = z.looseObject({ text: boundedText.min(1), id: eventId.optional() });
