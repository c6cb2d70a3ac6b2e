import { type CurrentText, ERRORS, type ErrorCode } from "@hubbub/protocol";

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly current?: CurrentText | undefined;
}

export function encodeError(ref: number | undefined, { code, message, retryAfterMs, current }: Refusal): string {
  return JSON.stringify({ type: "error", ref, code, message, retryAfterMs, current });
}

const OVERLOADED = `"code":"overloaded","message":${JSON.stringify(ERRORS.overloaded.means)}`;

/** As `encodeError`, for the refusal that is sent most when there is least time for it. */
export function encodeOverloaded(ref: number, retryAfterMs: number): string {
  return `{"type":"error","ref":${ref},${OVERLOADED},"retryAfterMs":${retryAfterMs}}`;
}
