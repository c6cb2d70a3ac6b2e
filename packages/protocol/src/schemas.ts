import { z } from "zod";
import {
  EVENT_ID_PATTERN,
  type EventId,
  type ExportId,
  type FileId,
  type RoomId,
  type SessionId,
  type TaskId,
  type UserId,
  UUID_PATTERN,
} from "./ids.ts";
import { EMAIL_MAX_LENGTH, EMOJI_MAX_LENGTH, FILES_PER_MESSAGE, TEXT_MAX_BYTES, USERNAME_PATTERN } from "./limits.ts";
import { emojiOf, lengthOf, rule, storable } from "./strings.ts";
import { isTextWithin, textBytes } from "./text.ts";

/** The pieces that frames and HTTP bodies are made of. */

export const uuid = z.string().regex(UUID_PATTERN, "must be a UUID");
export const roomId = uuid.transform((id) => id as RoomId);
export const userId = uuid.transform((id) => id as UserId);
export const sessionId = uuid.transform((id) => id as SessionId);
export const exportId = uuid.transform((id) => id as ExportId);
export const exportState = z.enum(["queued", "running", "done", "failed", "expired"]);
export type ExportState = z.output<typeof exportState>;
export const taskId = uuid.transform((id) => id as TaskId);
export const fileId = uuid.transform((id) => id as FileId);
export const eventId = z
  .string()
  .regex(EVENT_ID_PATTERN, "must be 1 to 64 characters of [A-Za-z0-9_-]")
  .transform((id) => id as EventId);

const MAX_REF = 2 ** 31 - 1;
export const ref = z.int().min(0).max(MAX_REF);
export function isRef(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_REF;
}
/** The documents say the bound too: without it they would permit what no number of JavaScript holds. */
const count = z.int().min(0).meta({ maximum: Number.MAX_SAFE_INTEGER });
export const seq = count;
export const epoch = count;
/** Unix milliseconds. */
export const time = count;

/** What a message says of a file. `width`, `height`: of a picture, which has thumbnails. */
export const fileInfo = z.object({
  id: fileId,
  name: z.string(),
  type: z.string(),
  bytes: z.int().min(0),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
});
export type FileInfo = z.output<typeof fileInfo>;

/** Counted as canonical JSON; a longer one is `too_big` among the faults. */
export const boundedText = storable
  .check((context) => {
    const text = context.value;
    if (isTextWithin(text, TEXT_MAX_BYTES)) return;
    context.issues.push({
      code: "too_big",
      origin: "string",
      maximum: TEXT_MAX_BYTES,
      input: text,
      message: `must be at most ${TEXT_MAX_BYTES} bytes as JSON; this has ${textBytes(text)} in ${lengthOf(text)} characters`,
    });
  })
  .meta({ maxLength: TEXT_MAX_BYTES, ...rule(`must be at most ${TEXT_MAX_BYTES} bytes as JSON`) });
export const messageText = boundedText.min(1);

/** Of a message that may be files alone: spread into its schema, which then needs `hasContent`. */
export const content = {
  text: boundedText,
  files: z
    .array(fileId)
    .min(1)
    .max(FILES_PER_MESSAGE)
    .refine((files) => new Set(files).size === files.length, "must name each file once")
    .meta({ uniqueItems: true })
    .optional(),
};
export function hasContent({ text, files }: { text: string; files?: readonly FileId[] | undefined }): boolean {
  return text !== "" || files !== undefined;
}
export const NO_CONTENT = { path: ["text"], message: "a message has a text, or files" };
/** One emoji, or a short name between colons: what a reaction shows. */
export const emoji = emojiOf(EMOJI_MAX_LENGTH);
/** The pattern stands in the documents too: `format: email` permits addresses that no mail reaches. */
export const email = z.string().max(EMAIL_MAX_LENGTH).regex(z.regexes.email, "must be an e-mail address");
export const username = z
  .string()
  .regex(USERNAME_PATTERN, "must be 2 to 32 of letters, digits, _ . - and start with a letter or digit");

/** `bot`: the account is a program, and belongs to a user. */
export const publicUser = z.object({ id: userId, username: z.string(), bot: z.literal(true).optional() });
export type PublicUser = z.output<typeof publicUser>;
