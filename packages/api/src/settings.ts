import { flag, integer, list } from "@hubbub/runtime";
import { z } from "zod";

const ADMIN_TOKEN_MIN_LENGTH = 16;

/** The api's part of the environment. Rates are per process: a cluster allows them once for each of its apis. */
export const apiSettings = {
  /** Origins of pages that may call from elsewhere; `*` for any. No credentials travel either way. */
  ALLOWED_ORIGINS: list(["*"]),
  ALLOW_GUESTS: flag(true),
  /** Opens `/admin/…` to whoever presents it; without it there is no such path. */
  ADMIN_TOKEN: z.string().min(ADMIN_TOKEN_MIN_LENGTH, `must have ${ADMIN_TOKEN_MIN_LENGTH} characters`).optional(),
  /** For how long a spent refresh token still is the other tab's and not a thief's. */
  REFRESH_GRACE_MS: integer(0, 600_000, 20_000),
  REQUESTS_PER_SECOND_PER_ADDRESS: integer(1, 1_000_000, 2_000),
  SIGNUPS_PER_SECOND_PER_ADDRESS: integer(1, 100_000, 100),
  LOGINS_PER_MINUTE_PER_ACCOUNT: integer(1, 100_000, 30),
  ROOMS_PER_MINUTE_PER_USER: integer(1, 100_000, 120),
  /** Messages, joins and leaves over HTTP. */
  POSTS_PER_SECOND_PER_USER: integer(1, 100_000, 50),
  MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM: integer(1, 100_000, 100),
  /** Bytes of history and list pages; a small page counts as 16 KiB. Four seconds' worth may be read at once. */
  PAGE_BYTES_PER_SECOND_PER_USER: integer(65_536, 1_073_741_824, 1_048_576),
  PAGE_BYTES_PER_SECOND_PER_ADDRESS: integer(65_536, 1_073_741_824, 8_388_608),
  /** Passwords that wait for a core to be hashed on; more are refused with `overloaded`. */
  PASSWORD_QUEUE_MAX: integer(1, 100_000, 1_024),
};
export type ApiSettings = z.output<z.ZodObject<typeof apiSettings>>;
