import { ACCOUNT_ERRORS } from "./account-errors.ts";
import type { LimitHit } from "./limit-hit.ts";
import { OPERATOR_ERRORS } from "./operator-errors.ts";
import { SIGNIN_ERRORS } from "./signin-errors.ts";

/** `status`: the HTTP status of the same refusal. `retry`: whether the same request can succeed later. */
interface ErrorKind {
  readonly status: number;
  readonly retry: boolean;
  readonly means: string;
}

/** Every refusal there is, on the WebSocket (`error.code`) and over HTTP (`code` of a problem). A closed list. */
export const ERRORS = {
  bad_frame: { status: 400, retry: false, means: "the frame is not JSON or does not match its schema" },
  bad_request: { status: 400, retry: false, means: "the body, path or query does not match its schema" },
  binary_frame: { status: 400, retry: false, means: "binary frames are not accepted; send JSON text" },
  too_large: { status: 413, retry: false, means: "the frame, body or text exceeds its limit" },
  hello_required: { status: 401, retry: false, means: "the first frame must be hello" },
  hello_repeated: { status: 400, retry: false, means: "this connection belongs to another user or session" },
  bad_token: { status: 401, retry: false, means: "the access token is missing, wrong or expired" },
  session_revoked: { status: 401, retry: false, means: "the session was logged out or revoked" },
  bad_origin: { status: 403, retry: false, means: "origin not allowed" },
  bad_credentials: { status: 401, retry: false, means: "unknown username or wrong password" },
  refresh_reused: { status: 401, retry: false, means: "the refresh token was used before; the session is revoked" },
  guests_disabled: { status: 403, retry: false, means: "this server does not allow guests" },
  username_taken: { status: 409, retry: false, means: "the username is taken, or looks like an existing one" },
  username_reserved: { status: 409, retry: false, means: "the username is reserved; choose another" },
  weak_password: { status: 400, retry: false, means: "the password is easy to guess; choose another" },
  unknown_session: { status: 404, retry: false, means: "you have no such session, or it has ended" },
  ...SIGNIN_ERRORS,
  ...ACCOUNT_ERRORS,
  ...OPERATOR_ERRORS,
  room_name_taken: { status: 409, retry: false, means: "a public room of this name exists" },
  unknown_room: { status: 404, retry: false, means: "no such room, or not visible to you" },
  unknown_message: { status: 404, retry: false, means: "there is no such message, or it was deleted" },
  conflict: { status: 409, retry: false, means: "the message has changed meanwhile; `current` has its present text" },
  edit_window_over: { status: 403, retry: false, means: "the message is too old to be edited" },
  too_many_reactions: { status: 409, retry: false, means: "the message has reached its limit of reactions" },
  unknown_report: { status: 404, retry: false, means: "there is no such report for you here" },
  own_message: { status: 409, retry: false, means: "the message is yours: delete it" },
  too_many_reports: { status: 409, retry: false, means: "too many reports wait for moderators, of this room or yours" },
  too_many_pins: { status: 409, retry: false, means: "the room has 100 pinned messages; unpin one first" },
  unknown_bot: { status: 404, retry: false, means: "you have no such bot" },
  unknown_hook: { status: 404, retry: false, means: "there is no such hook" },
  unknown_user: { status: 404, retry: false, means: "no such user" },
  unknown_file: { status: 404, retry: false, means: "no such file, or not yours to use here" },
  file_too_large: { status: 413, retry: false, means: "the file is larger than this server takes" },
  quota_exceeded: {
    status: 507,
    retry: false,
    means: "your files, or those of the room, take all the space that they may; delete some",
  },
  too_slow: { status: 408, retry: true, means: "the upload was too slow; send it again over a better connection" },
  bad_range: { status: 416, retry: false, means: "the file has no such range of bytes" },
  not_found: { status: 404, retry: false, means: "no such path" },
  not_member: { status: 403, retry: false, means: "join the room first" },
  forbidden: { status: 403, retry: false, means: "your role does not allow this" },
  room_archived: { status: 409, retry: false, means: "the room is archived: nobody can write in it" },
  muted: { status: 403, retry: false, means: "you are muted in this room until retryAfterMs has passed" },
  banned: { status: 403, retry: false, means: "you are banned from this room" },
  slow_mode: {
    status: 429,
    retry: false,
    means: "the room is in slow mode; send your next message after retryAfterMs",
  },
  no_model: { status: 409, retry: false, means: "the room takes no records; an admin of it sets a model first" },
  filter_type: {
    status: 400,
    retry: false,
    means: "the filter cannot be read, or does not fit the fields of the room",
  },
  too_costly: {
    status: 400,
    retry: false,
    means: "the filter costs more for each event than is allowed; make it shorter",
  },
  too_many_queries: { status: 409, retry: false, means: "the room has reached its limit of standing queries" },
  unknown_task: { status: 404, retry: false, means: "there is no such task, or its result has expired" },
  unknown_invite: { status: 404, retry: false, means: "the invitation has expired, was used up or revoked" },
  too_many_invites: { status: 409, retry: false, means: "the room has 100 links that can be used; revoke one first" },
  has_left: { status: 409, retry: false, means: "this user left the room and can only rejoin it themselves" },
  last_owner: {
    status: 409,
    retry: false,
    means: "a room with members needs an owner: make another member an owner first",
  },
  last_member: {
    status: 409,
    retry: false,
    means: "you are the last member: leaving closes the room permanently; confirm with close=true",
  },
  not_subscribed: { status: 409, retry: false, means: "this connection is not subscribed to the room" },
  unsupported: { status: 501, retry: false, means: "this server does not support that yet" },
  too_many_subscriptions: {
    status: 429,
    retry: false,
    means: "this connection has reached its limit of subscriptions",
  },
  too_many_connections: { status: 429, retry: true, means: "too many connections from this user or address" },
  rate_limited: { status: 429, retry: true, means: "too many requests; retry after retryAfterMs" },
  out_of_order: {
    status: 409,
    retry: true,
    means: "an event sent before this one was refused; send that one first, in a higher round",
  },
  overloaded: { status: 503, retry: true, means: "a bound of the cluster is reached; nothing was accepted" },
  unavailable: {
    status: 503,
    retry: true,
    means: "a part of the cluster is unavailable; retry with the same id, it is accepted once",
  },
  internal: { status: 500, retry: true, means: "internal server error; see the server log" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export function isRetryable(code: ErrorCode): boolean {
  return ERRORS[code].retry;
}

export interface CurrentText {
  readonly seq: number;
  readonly text: string;
}

/** Where nobody knows a better time. Clients that are refused together come back spread over once to twice this. */
const RETRY_AFTER_MS = 1_000;

/** A refusal that a client is told about: the gateway answers with an `error` frame, the api with a problem. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ErrorCode;
  /** Milliseconds after which a retry makes sense; undefined where none does. */
  readonly retryAfterMs: number | undefined;
  /** Of a `conflict`: the present text, and the event that it is from. */
  readonly current: CurrentText | undefined;
  /** Of a refusal for a limit. */
  readonly limit: LimitHit | undefined;

  constructor(
    code: ErrorCode,
    message?: string,
    options?: ErrorOptions & { retryAfterMs?: number; current?: CurrentText; limit?: LimitHit },
  ) {
    const traced = Error.stackTraceLimit;
    // A refusal is no fault of the code: its stack says nothing, and walking it costs most when the server is overloaded.
    Error.stackTraceLimit = 0;
    super(message ?? ERRORS[code].means, options);
    Error.stackTraceLimit = traced;
    this.code = code;
    const usual = ERRORS[code].retry ? Math.round(RETRY_AFTER_MS * (1 + Math.random())) : undefined;
    this.retryAfterMs = options?.retryAfterMs ?? usual;
    this.current = options?.current;
    this.limit = options?.limit;
  }
}
