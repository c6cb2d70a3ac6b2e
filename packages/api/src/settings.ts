import { flag, integer, origins } from "@hubbub/runtime";
import { z } from "zod";

const ADMIN_TOKEN_MIN_LENGTH = 16;

/** The api's part of the environment. Rates are per process: a cluster allows them once for each of its apis. */
export const apiSettings = {
  /** Origins of pages that may call from elsewhere; `*` for any. No credentials travel either way. */
  ALLOWED_ORIGINS: origins(),
  ALLOW_GUESTS: flag(true),
  /** Opens `/admin/…` to whoever presents it; without it there is no such path. */
  ADMIN_TOKEN: z
    .string()
    .min(ADMIN_TOKEN_MIN_LENGTH, `must have ${ADMIN_TOKEN_MIN_LENGTH} characters`)
    .regex(/^[\x21-\x7e]*$/, "must be of ASCII characters without spaces: a header cannot carry others")
    .optional(),
  /** For how long a spent refresh token still is the other tab's and not a thief's. */
  REFRESH_GRACE_MS: integer(0, 600_000, 20_000),
  REQUESTS_PER_SECOND_PER_ADDRESS: integer(1, 1_000_000, 2_000),
  SIGNUPS_PER_SECOND_PER_ADDRESS: integer(1, 100_000, 100),
  LOGINS_PER_MINUTE_PER_ACCOUNT: integer(1, 100_000, 30),
  ROOMS_PER_MINUTE_PER_USER: integer(1, 100_000, 120),
  POSTS_PER_SECOND_PER_USER: integer(1, 100_000, 50),
  /** Passwords that wait for a core to be hashed on; more are refused with `overloaded`. */
  PASSWORD_QUEUE_MAX: integer(1, 100_000, 1_024),
};
export type ApiSettings = z.output<z.ZodObject<typeof apiSettings>>;
