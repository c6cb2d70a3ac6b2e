import { type CurrentText, ERRORS, type ErrorCode } from "@hubbub/protocol";

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly current?: CurrentText | undefined;
}

/** `room`: of a refused subscribe. */
export function encodeError(ref: number | undefined, refusal: Refusal, room?: string): string {
  const { code, message, retryAfterMs, current } = refusal;
  return JSON.stringify({ type: "error", ref, code, message, room, retryAfterMs, current });
}

const OVERLOADED = `"code":"overloaded","message":${JSON.stringify(ERRORS.overloaded.means)}`;

/** As `encodeError`, for the refusal that is sent most when there is least time for it. */
export function encodeOverloaded(ref: number, retryAfterMs: number): string {
  return `{"type":"error","ref":${ref},${OVERLOADED},"retryAfterMs":${retryAfterMs}}`;
}
