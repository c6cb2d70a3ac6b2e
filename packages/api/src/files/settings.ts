import { integer } from "@hubbub/runtime";

const MEBI = 1_048_576;
const GIBI = 1_024 * MEBI;
/** What one request can copy in an object storage. */
const FILE_LIMIT_BYTES = 5 * GIBI;
const QUOTA_LIMIT_BYTES = 1_048_576 * GIBI;

/** The part of the api's settings that is about files. Counts are per process, quotas hold over all. */
export const fileSettings = {
  FILE_MAX_BYTES: integer(1, FILE_LIMIT_BYTES, 100 * MEBI),
  /** Of all files of one user, and of one room; 0: nobody uploads. */
  FILE_BYTES_PER_USER: integer(0, QUOTA_LIMIT_BYTES, GIBI),
  FILE_BYTES_PER_ROOM: integer(0, QUOTA_LIMIT_BYTES, 20 * GIBI),
  UPLOADS_PER_MINUTE_PER_USER: integer(1, 100_000, 60),
  /** One holds at most 1 MiB in memory, with S3 at most 20 MiB. */
  UPLOADS_AT_ONCE: integer(1, 10_000, 32),
  UPLOADS_AT_ONCE_PER_USER: integer(1, 1_000, 4),
  UPLOAD_MIN_BYTES_PER_SECOND: integer(0, 100 * MEBI, 4_096),
  DOWNLOADS_AT_ONCE: integer(1, 100_000, 512),
  DOWNLOADS_AT_ONCE_PER_USER: integer(1, 10_000, 64),
  /** Files that no message names are deleted after this. */
  UNUSED_FILE_HOURS: integer(1, 8_760, 24),
  /** Larger pictures, in bytes or in pixels of all frames, are kept as plain files. */
  IMAGE_MAX_BYTES: integer(0, 256 * MEBI, 32 * MEBI),
  IMAGE_MAX_PIXELS: integer(1, 250_000_000, 50_000_000),
  /** A link to a file lives at least this long, and at most twice. */
  FILE_LINK_SECONDS: integer(60, 86_400, 900),
};
