import { eventRateSettings } from "@hubbub/broker";
import { chatSettings } from "@hubbub/chat";
import { flag, integer, origins } from "@hubbub/runtime";
import { z } from "zod";
import { accountSettings } from "./account/settings.ts";
import { exportSettings } from "./exports/settings.ts";
import { fileSettings } from "./files/settings.ts";
import { signinSettings } from "./signin/settings.ts";

const ADMIN_TOKEN_MIN_LENGTH = 16;

/** The api's part of the environment. Rates are per process: a cluster allows them once for each of its apis. */
export const apiSettings = {
  /** Origins of pages on other hosts that may call; `*` for any. No credentials are sent. */
  ALLOWED_ORIGINS: origins(),
  ALLOW_GUESTS: flag(true),
  /** Opens `/admin/…` to requests that carry it. Without it the paths do not exist. */
  ADMIN_TOKEN: z
    .string()
    .min(ADMIN_TOKEN_MIN_LENGTH, `must have ${ADMIN_TOKEN_MIN_LENGTH} characters`)
    .regex(/^[\x21-\x7e]*$/, "must be of ASCII characters without spaces: a header cannot carry others")
    .optional(),
  /** For this long a used refresh token is answered with the same new token again, unless the new one was used. */
  REFRESH_GRACE_MS: integer(0, 600_000, 20_000),
  REQUESTS_PER_SECOND_PER_ADDRESS: integer(1, 1_000_000, 2_000),
  SIGNUPS_PER_SECOND_PER_ADDRESS: integer(1, 100_000, 100),
  /** Guests and accounts that one address, and four times as many that one IPv6 site, may create. */
  SIGNUPS_PER_HOUR_PER_ADDRESS: integer(1, 10_000_000, 20_000),
  /** Maximum number of guests in the whole cluster. */
  GUESTS_MAX: integer(1, 100_000_000, 100_000),
  LOGINS_PER_MINUTE_PER_ACCOUNT: integer(1, 100_000, 30),
  /**
   * Failed logins before each further one delays the next; of an account over all addresses, and of an address over all
   * accounts.
   */
  LOGIN_FAILURES_FREE_PER_ACCOUNT: integer(1, 100_000, 50),
  LOGIN_FAILURES_FREE_PER_ADDRESS: integer(1, 1_000_000, 1_000),
  REFRESHES_PER_MINUTE_PER_ADDRESS: integer(1, 1_000_000, 6_000),
  /** Password changes, and sessions listed or ended. */
  ACCOUNT_CHANGES_PER_MINUTE_PER_USER: integer(1, 100_000, 30),
  /** A login beyond this ends the least recently used session. */
  SESSIONS_PER_USER: integer(1, 10_000, 50),
  /** A session ends when it is not refreshed for this long, and at its maximum age. */
  SESSION_IDLE_HOURS: integer(1, 87_600, 720),
  SESSION_MAX_HOURS: integer(1, 87_600, 8_760),
  GUEST_IDLE_HOURS: integer(1, 87_600, 168),
  /** Reports of messages. */
  REPORTS_PER_HOUR_PER_USER: integer(1, 100_000, 30),
  /** Entries of the audit are deleted after this. */
  AUDIT_DAYS: integer(1, 3_650, 365),
  ROOMS_PER_MINUTE_PER_USER: integer(1, 100_000, 120),
  ...eventRateSettings,
  ...chatSettings,
  /** Users that one user adds to rooms. */
  ADDITIONS_PER_HOUR_PER_USER: integer(1, 10_000_000, 1_000),
  MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM: integer(1, 100_000, 2_000),
  /** The least numbers in ten seconds that can be a spike: see `Spikes`. 0: never. */
  SPIKE_LOGIN_FAILURES: integer(0, 1_000_000, 100),
  SPIKE_MEMBERSHIP_CHANGES: integer(0, 1_000_000, 2_000),
  /** Bytes of history and list pages; a small page counts as 16 KiB. Two seconds' worth may be read at once. */
  PAGE_BYTES_PER_SECOND_PER_USER: integer(65_536, 1_073_741_824, 524_288),
  PAGE_BYTES_PER_SECOND_PER_ADDRESS: integer(65_536, 1_073_741_824, 4_194_304),
  ...fileSettings,
  ...exportSettings,
  /** Passwords that wait for a core. Passwords beyond this are refused with `overloaded`. */
  PASSWORD_QUEUE_MAX: integer(1, 100_000, 1_024),
  ...signinSettings,
  ...accountSettings,
};
export type ApiSettings = z.output<z.ZodObject<typeof apiSettings>>;
