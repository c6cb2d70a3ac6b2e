/**
 * The bounds of the wire itself, the same everywhere. What an operator may choose (rates, connections) is
 * configuration and is announced in `ready.limits`.
 */

/** A text's bytes as canonical JSON, see `textBytes`: what the text costs on the wire, in Redis and in Postgres. */
export const TEXT_MAX_BYTES = 8_192;
/** JSON may spell every character as \u00XX: a permitted text of one byte a character arrives as six times as much. */
const ESCAPE_MAX = 6;
/** Everything of a frame but its text, white space included. The longest (room, id and token aside) has about 250. */
const ENVELOPE_MAX_BYTES = 2_048;
/** Bytes of one client frame; a longer one is refused with `too_large`. Any spelling of a permitted text fits. */
export const FRAME_MAX_BYTES = ESCAPE_MAX * TEXT_MAX_BYTES + ENVELOPE_MAX_BYTES;
/** What is read above that, so that a client that sends too much is told so. */
const TOLD_BYTES = 14_336;
/** Bytes of one WebSocket message above which the connection closes at once. */
export const PAYLOAD_MAX_BYTES = FRAME_MAX_BYTES + TOLD_BYTES;
/** Bytes of an HTTP request body, which may carry the same text. */
export const BODY_MAX_BYTES = FRAME_MAX_BYTES + TOLD_BYTES;
export const USERNAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$/;
export const PASSWORD_MIN_LENGTH = 8;
/** Code points, checked before anything is hashed. Each takes at most 4 bytes. */
export const PASSWORD_MAX_LENGTH = 128;
export const EMAIL_MAX_LENGTH = 254;
/** Code points, and bytes of UTF-8: three for each code point, as most scripts need at most. */
export const DISPLAY_NAME_MAX_LENGTH = 64;
export const DISPLAY_NAME_MAX_BYTES = 192;
export const ABOUT_MAX_LENGTH = 500;
export const ABOUT_MAX_BYTES = 1_500;
export const TIME_ZONE_MAX_LENGTH = 64;
export const ROOM_NAME_MAX_LENGTH = 64;
export const ROOM_TOPIC_MAX_LENGTH = 256;
/** Users of a direct room, the caller included. */
export const DIRECT_USERS_MAX = 8;
export const SLOW_MODE_MAX_SECONDS = 21_600;
export const MUTE_MAX_SECONDS = 2_592_000;
export const BAN_MAX_SECONDS = 315_360_000;
export const INVITE_MAX_SECONDS = 2_592_000;
export const INVITE_MAX_USES = 1_000;
export const REPORT_TEXT_MAX_LENGTH = 500;
export const EMOJI_MAX_LENGTH = 32;
export const STATUS_TEXT_MAX_LENGTH = 100;
/** Events in one history page, and the default when none is asked for. */
export const PAGE_MAX = 200;
export const PAGE_DEFAULT = 50;
/** Rooms in one `subscribe`; as many in head mode fit into a frame. */
export const SUBSCRIBE_MAX = 1_000;
/** Users in one question for their presence. */
export const PRESENCE_MAX = 200;
/** How long the cluster recognises a re-sent event id. */
export const DEDUPE_WINDOW_MS = 600_000;
/** A connection says hello within this, or is closed with 4010. */
export const HELLO_TIMEOUT_MS = 5_000;
/** Files that one message may name. */
export const FILES_PER_MESSAGE = 10;
/** UTF-16 units of a file's name as the client gives it. */
export const FILE_NAME_MAX_LENGTH = 512;

/** How many of its lost seqs an event keeps, the newest. An event gets another with each log that is lost before it is stored. */
export const WAS_MAX = 16;
