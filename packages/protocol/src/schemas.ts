import { z } from "zod";
import { EVENT_ID_PATTERN, type EventId, type RoomId, type SessionId, type UserId, UUID_PATTERN } from "./ids.ts";
import { TEXT_MAX_BYTES, USERNAME_PATTERN } from "./limits.ts";
import { isTextWithin } from "./text.ts";

/** The pieces that frames and HTTP bodies are made of. */

const uuid = z.string().regex(UUID_PATTERN, "must be a UUID");
export const roomId = uuid.transform((id) => id as RoomId);
export const userId = uuid.transform((id) => id as UserId);
export const sessionId = uuid.transform((id) => id as SessionId);
export const eventId = z
  .string()
  .regex(EVENT_ID_PATTERN, "must be 1 to 64 characters of [A-Za-z0-9_-]")
  .transform((id) => id as EventId);

const MAX_REF = 2 ** 31 - 1;
export const ref = z.int().min(0).max(MAX_REF);
export function isRef(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_REF;
}
export const seq = z.int().min(0);
export const epoch = z.int().min(0);
/** Unix milliseconds. */
export const time = z.int().min(0);

/** Text that every part of the path can hold: Postgres knows no U+0000, UTF-8 no lone surrogate. */
export const storable = z
  .string()
  .refine((text) => !text.includes("\u0000"), "must not contain U+0000")
  .refine((text) => text.isWellFormed(), "must be well-formed Unicode");
/** Counted as canonical JSON; a longer one is `too_big` among the faults. */
export const messageText = storable.min(1).check((context) => {
  if (isTextWithin(context.value, TEXT_MAX_BYTES)) return;
  context.issues.push({
    code: "too_big",
    origin: "string",
    maximum: TEXT_MAX_BYTES,
    input: context.value,
    message: `must be at most ${TEXT_MAX_BYTES} bytes as JSON`,
  });
});
export const username = z
  .string()
  .regex(USERNAME_PATTERN, "must be 2 to 32 of letters, digits, _ . - and start with a letter or digit");

export const publicUser = z.object({ id: userId, username: z.string() });
export type PublicUser = z.output<typeof publicUser>;
