import { z } from "zod";
import { newPassword, password } from "./http.ts";
import {
  ABOUT_MAX_BYTES,
  ABOUT_MAX_LENGTH,
  DISPLAY_NAME_MAX_BYTES,
  DISPLAY_NAME_MAX_LENGTH,
  TIME_ZONE_MAX_LENGTH,
} from "./limits.ts";
import { email, publicUser, time, userId, username } from "./schemas.ts";
import { SERVER_ROLES } from "./server-roles.ts";
import { linesOf, nameOf, rule } from "./strings.ts";

/** Bodies and answers about the own account and about profiles: docs/accounts.md. */

const utf8 = new TextEncoder();

const isWithin = (bytes: number) => (text: string) => utf8.encode(text).length <= bytes;
const tooLong = (bytes: number): string => `must be at most ${bytes} bytes in UTF-8`;

const displayName = nameOf(DISPLAY_NAME_MAX_LENGTH)
  .refine(isWithin(DISPLAY_NAME_MAX_BYTES), tooLong(DISPLAY_NAME_MAX_BYTES))
  .meta(rule(tooLong(DISPLAY_NAME_MAX_BYTES)));

const about = linesOf(ABOUT_MAX_LENGTH)
  .refine(isWithin(ABOUT_MAX_BYTES), tooLong(ABOUT_MAX_BYTES))
  .meta(rule(tooLong(ABOUT_MAX_BYTES)));

const timeZone = z
  .string()
  .max(TIME_ZONE_MAX_LENGTH)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/, "must be the name of a time zone, such as Europe/Berlin")
  .refine(isTimeZone, "must be a time zone that this server knows, such as Europe/Berlin")
  .meta({ ...rule("must be a time zone that this server knows"), examples: ["Europe/Berlin", "UTC"] });

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

const contentHash = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");
export const avatarParams = z.object({ id: userId, avatar: contentHash });

export const profile = z.object({
  displayName: z.string().optional(),
  timeZone: z.string().optional(),
  about: z.string().optional(),
  /** Of the picture: `GET /users/{id}/avatar/{avatar}`. */
  avatar: contentHash.optional(),
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

/** The own account. `isVerified`: a mail to the address was answered. `serverRole`: unless it has none. */
export const accountInfo = z.object({
  ...publicProfile.shape,
  createdAt: time,
  email: z.object({ address: z.string(), isVerified: z.boolean() }).optional(),
  serverRole: z.enum(SERVER_ROLES).optional(),
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
