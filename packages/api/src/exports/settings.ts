import { integer } from "@hubbub/runtime";

const MEBI = 1_048_576;
const GIBI = 1_024 * MEBI;
/** What one request can copy in an object storage. */
const ARCHIVE_LIMIT_BYTES = 5 * GIBI;

/** The part of the api's settings that is about exports of users' data. */
export const exportSettings = {
  /** Of one archive. Files that do not fit are listed instead. */
  EXPORT_MAX_BYTES: integer(MEBI, ARCHIVE_LIMIT_BYTES, 4 * GIBI),
  /** An archive is removed after this. */
  EXPORT_DAYS: integer(1, 90, 7),
  /** Between two exports of one user. */
  EXPORT_PAUSE_HOURS: integer(0, 8_760, 24),
};
