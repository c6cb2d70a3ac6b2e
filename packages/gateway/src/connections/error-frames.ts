import { type CurrentText, ERRORS, type ErrorCode, type LimitHit, type Penalty } from "@hubbub/protocol";

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly current?: CurrentText | undefined;
  readonly limit?: LimitHit | undefined;
}

/** `room`: of a refused subscribe. */
export function encodeError(ref: number | undefined, refusal: Refusal, room?: string, penalty?: Penalty): string {
  const { code, message, retryAfterMs, current, limit } = refusal;
  return JSON.stringify({ type: "error", ref, code, message, room, retryAfterMs, current, limit, penalty });
}

const OVERLOADED = `"code":"overloaded","message":${JSON.stringify(ERRORS.overloaded.means)}`;

/** As `encodeError`, for the refusal that is sent most when there is least time for it. */
export function encodeOverloaded(ref: number, retryAfterMs: number): string {
  return `{"type":"error","ref":${ref},${OVERLOADED},"retryAfterMs":${retryAfterMs}}`;
}
