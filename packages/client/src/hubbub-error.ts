import {
  type CurrentText,
  ERRORS,
  type ErrorCode,
  isRetryable,
  type LimitHit,
  type Problem,
  type RoomId,
  type SecondFactor,
  type ServerFrameOf,
} from "@hubbub/protocol";

/** Refusals that are decided here, without the server. */
const LOCAL = {
  unreachable: { retry: true, means: "the server cannot be reached" },
  timeout: { retry: true, means: "the server did not answer in time" },
  connection_lost: { retry: true, means: "the connection was lost before the answer came" },
  no_token: { retry: true, means: "getToken failed" },
  bad_url: { retry: false, means: "the url must begin with http:// or https://" },
  outbox_full: { retry: true, means: "too many messages wait to be sent" },
  outbox_failed: { retry: false, means: "unsent messages cannot be kept over a restart" },
  outbox_in_use: { retry: true, means: "another process has this outbox open" },
  outcome_unknown: {
    retry: false,
    means: "nobody knows whether this message arrived earlier: look into the room, and send it again under a new id",
  },
  unexpected_answer: { retry: false, means: "unexpected answer; is this a Hubbub server?" },
  closed: { retry: false, means: "the client was closed" },
} as const;

export type HubbubErrorCode = ErrorCode | keyof typeof LOCAL;

/**
 * The one error of this package. `status`: the HTTP status, where there was one. `secondFactor`: with
 * `second_factor_required`, for `HubbubSignin.finish`.
 */
export class HubbubError extends Error {
  override readonly name = "HubbubError";
  readonly code: HubbubErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Of a `conflict`: the present text of the message, and the event that it is from. */
  readonly current: CurrentText | undefined;
  readonly secondFactor: SecondFactor | undefined;
  /** Of a refusal for a limit: which one, its rate, and what is left. */
  readonly limit: LimitHit | undefined;
  /** Of a subscribe: the room that is refused. */
  readonly room: RoomId | undefined;

  constructor(code: HubbubErrorCode, message?: string, options?: HubbubErrorOptions) {
    super(message ?? meaningOf(code), options);
    this.code = code;
    this.status = options?.status;
    this.retryAfterMs = options?.retryAfterMs;
    this.current = options?.current;
    this.secondFactor = options?.secondFactor;
    this.limit = options?.limit;
    this.room = options?.room;
  }

  /** Whether the same request can succeed later, without anything else being done. */
  shouldRetry(): boolean {
    return isLocal(this.code) ? LOCAL[this.code].retry : isRetryable(this.code);
  }
}

interface HubbubErrorOptions extends ErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly current?: CurrentText | undefined;
  readonly secondFactor?: SecondFactor | undefined;
  readonly limit?: LimitHit | undefined;
  readonly room?: RoomId | undefined;
}

export function errorOfFrame(frame: ServerFrameOf<"error">): HubbubError {
  const code = isErrorCode(frame.code) ? frame.code : "unexpected_answer";
  const { message, retryAfterMs, current, limit, room } = frame;
  return new HubbubError(code, message, { retryAfterMs, current, limit, room });
}

/** A problem of a newer server may have a code that is not known here: then its status decides. */
export function errorOfProblem(status: number, problem: Partial<Problem>): HubbubError {
  const code = problem.code !== undefined && isErrorCode(problem.code) ? problem.code : codeOfStatus(status);
  const { retryAfterMs, current, secondFactor, limit } = problem;
  const options = { status, retryAfterMs, current, secondFactor, limit };
  return new HubbubError(code, problem.detail ?? problem.title, options);
}

function codeOfStatus(status: number): HubbubErrorCode {
  if (status === 429) return "rate_limited";
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  return status >= 500 ? "internal" : "unexpected_answer";
}

function meaningOf(code: HubbubErrorCode): string {
  return isLocal(code) ? LOCAL[code].means : ERRORS[code].means;
}

function isLocal(code: HubbubErrorCode): code is keyof typeof LOCAL {
  return Object.hasOwn(LOCAL, code);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
