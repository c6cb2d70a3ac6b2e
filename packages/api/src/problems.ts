import { STATUS_CODES } from "node:http";
import { BrokerUnavailable } from "@hubbub/broker";
import { StorageUnavailable } from "@hubbub/files";
import {
  type CurrentText,
  ERRORS,
  type ErrorCode,
  HTTP_PREFIX,
  type LimitHit,
  type Problem,
  ProtocolError,
  type SecondFactor,
} from "@hubbub/protocol";
import type { SecurityLog } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ApiEnv } from "./context.ts";
import { UnsatisfiableRange } from "./files/downloads.ts";
import { HeldRefusals } from "./held-refusals.ts";
import { SecondFactorRequired } from "./signin/second-factor.ts";

const UNAVAILABLE_RETRY_MS = 1_000;

interface ProblemOptions {
  /** Where HTTP has a status of its own for it: 405, 415. */
  readonly status?: ContentfulStatusCode | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly current?: CurrentText | undefined;
  readonly secondFactor?: SecondFactor | undefined;
  readonly limit?: LimitHit | undefined;
}

/** Refusals that an attack causes; each goes to the security log. */
const SECURITY_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "bad_token",
  "session_revoked",
  "bad_credentials",
  "bad_code",
  "bad_passkey",
  "insufficient_scope",
  "account_suspended",
  "rate_limited",
  "forbidden",
]);

export function createErrorAnswers(securityLog: SecurityLog) {
  const held = new HeldRefusals();
  return async (error: Error, c: Context<ApiEnv>): Promise<Response> => {
    if (error instanceof ProtocolError && SECURITY_CODES.has(error.code)) {
      const event = c.req.path.startsWith(`${HTTP_PREFIX}/admin/`) ? "operator" : error.code;
      securityLog({
        event,
        outcome: "refused",
        address: c.env.address,
        reason: `${error.code} at ${c.req.method} ${routePath(c)}`,
      });
    }
    if (error instanceof ProtocolError && error.code === "rate_limited") await held.hold();
    return answerError(error, c);
  };
}

/** The one place where errors become answers. An unknown error is a bug, and goes on to the HTTP host. */
function answerError(error: Error, c: Context): Response {
  if (error instanceof UnsatisfiableRange) c.header("content-range", `bytes */${error.bytes}`);
  if (error instanceof ProtocolError) {
    const { code, message, retryAfterMs = code === "unavailable" ? UNAVAILABLE_RETRY_MS : undefined } = error;
    const secondFactor = error instanceof SecondFactorRequired ? error.secondFactor : undefined;
    return problem(c, code, message, { retryAfterMs, current: error.current, secondFactor, limit: error.limit });
  }
  if (error instanceof HTTPException) {
    return problem(c, "bad_request", faultOfBody(error.status), { status: error.status as ContentfulStatusCode });
  }
  if (error instanceof BrokerUnavailable || error instanceof StorageUnavailable || isUnavailable(error)) {
    return problem(c, "unavailable", ERRORS.unavailable.means, { retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
  throw error;
}

/** Errors that the framework finds before a schema checks the body. */
function faultOfBody(status: number): string {
  return status === 415 ? "the body must be application/json" : "the body is not JSON";
}

export function problem(c: Context, code: ErrorCode, detail: string, options: ProblemOptions = {}): Response {
  const status = options.status ?? ERRORS[code].status;
  const { retryAfterMs, current, secondFactor, limit } = options;
  const body: Problem = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? code,
    status,
    code,
    detail,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(current === undefined ? {} : { current }),
    ...(limit === undefined ? {} : { limit }),
    ...(secondFactor === undefined ? {} : { secondFactor }),
  };
  c.header("content-type", "application/problem+json");
  if (retryAfterMs !== undefined) c.header("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
  return c.body(JSON.stringify(body), status);
}
