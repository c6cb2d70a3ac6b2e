import { z } from "zod";
import { newPassword, password } from "./http.ts";
import {
  ABOUT_MAX_BYTES,
  ABOUT_MAX_LENGTH,
  DISPLAY_NAME_MAX_BYTES,
  DISPLAY_NAME_MAX_LENGTH,
  TIME_ZONE_MAX_LENGTH,
} from "./limits.ts";
import { email, isVisible, oneLine, publicUser, storable, time, userId, username } from "./schemas.ts";

/** Bodies and answers about the own account and about profiles: docs/accounts.md. */

const utf8 = new TextEncoder();

/** A text of at most `length` code points and `bytes` bytes of UTF-8. */
const within = (length: number, bytes: number) =>
  z
    .string()
    .refine((text) => text.length <= 2 * length && [...text].length <= length, `must be at most ${length} characters`)
    .refine((text) => utf8.encode(text).length <= bytes, `must be at most ${bytes} bytes in UTF-8`);

const displayName = oneLine
  .pipe(within(DISPLAY_NAME_MAX_LENGTH, DISPLAY_NAME_MAX_BYTES))
  .refine((name) => isVisible(name), "must contain a visible character");

const about = storable
  .refine((text) => !/[^\P{Cc}\n]/u.test(text), "must not contain control characters, except line breaks")
  .refine(
    (text) => !/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text),
    "must not contain characters that change the direction of text",
  )
  .transform((text) => text.normalize("NFC").trim())
  .pipe(within(ABOUT_MAX_LENGTH, ABOUT_MAX_BYTES));

const timeZone = z
  .string()
  .max(TIME_ZONE_MAX_LENGTH)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/, "must be the name of a time zone, such as Europe/Berlin")
  .refine(isTimeZone, "must be a time zone that this server knows, such as Europe/Berlin");

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** null removes a value; a missing one stays as it is. */
export const profileChange = z.strictObject({
  displayName: displayName.nullable().optional(),
  timeZone: timeZone.nullable().optional(),
  about: about.nullable().optional(),
});
export type ProfileChange = z.output<typeof profileChange>;

export const profile = z.object({
  displayName: z.string().optional(),
  timeZone: z.string().optional(),
  about: z.string().optional(),
});
export type Profile = z.output<typeof profile>;

/** A user as others see them. */
export const publicProfile = z.object({
  id: userId,
  username: z.string(),
  isGuest: z.boolean(),
  ...profile.shape,
});
export type PublicProfile = z.output<typeof publicProfile>;

/** The own account. `isVerified`: a mail to the address was answered. */
export const accountInfo = z.object({
  ...publicProfile.shape,
  createdAt: time,
  email: z.object({ address: z.string(), isVerified: z.boolean() }).optional(),
});
export type AccountInfo = z.output<typeof accountInfo>;

/** A guest becomes an account. Repeated with the same name and password it answers the same. */
export const upgradeBody = z.strictObject({ username, password: newPassword, email: email.optional() });
export const upgraded = z.object({ user: publicUser });
/** null removes the address. */
export const changeEmailBody = z.strictObject({ email: email.nullable(), password });
export const forgotPasswordBody = z.strictObject({ email });

/** The code of a mail: 32 random bytes as base64url. */
const mailCode = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be the 43 characters of the mail");
export const confirmEmailBody = z.strictObject({ code: mailCode });
export const resetPasswordBody = z.strictObject({ code: mailCode, newPassword });
