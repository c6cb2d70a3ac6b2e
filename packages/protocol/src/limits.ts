/**
 * The bounds of the wire itself, the same everywhere. What an operator may choose (rates, connections) is
 * configuration and is announced in `ready.limits`.
 */

/** UTF-8 bytes of a message's text. */
export const TEXT_MAX_BYTES = 8_192;
/** Bytes of one client frame; a longer one is refused with `too_large`. Room for escapes of a full text. */
export const FRAME_MAX_BYTES = 16_384;
/** Bytes of an HTTP request body. */
export const BODY_MAX_BYTES = 65_536;
export const USERNAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$/;
export const PASSWORD_MIN_LENGTH = 8;
/** Code points, checked before anything is hashed. Each takes at most 4 bytes. */
export const PASSWORD_MAX_LENGTH = 128;
export const EMAIL_MAX_LENGTH = 254;
export const ROOM_NAME_MAX_LENGTH = 64;
export const ROOM_TOPIC_MAX_LENGTH = 256;
export const EMOJI_MAX_LENGTH = 32;
/** Events in one history page, and the default when none is asked for. */
export const PAGE_MAX = 200;
export const PAGE_DEFAULT = 50;
/** How long the cluster recognises a re-sent event id. */
export const DEDUPE_WINDOW_MS = 600_000;
/** A connection says hello within this, or is closed with 4010. */
export const HELLO_TIMEOUT_MS = 5_000;
