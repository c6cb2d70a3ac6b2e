import { ERRORS, type ErrorCode } from "@hubbub/protocol";
import { ADMIN, BEARER, CODES } from "./routes/shapes.ts";

interface Operation {
  readonly security?: readonly object[] | undefined;
  readonly requestBody?: unknown;
  readonly responses?: Record<string, unknown> | undefined;
}

interface Described {
  readonly paths?: Record<string, object> | undefined;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
/** The framework's answer to a body of another type has a status of its own. */
const OTHER_TYPE = 415;
/** Every request can be malformed, come too often, or find a part of the cluster full, away or broken. */
const OF_ALL: readonly ErrorCode[] = ["bad_request", "rate_limited", "overloaded", "unavailable", "internal"];

/** Replaces the `default` answer of every operation by one answer for each status, which names its codes. */
export function refusalsByStatus(document: Described): void {
  for (const item of Object.values(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = (item as Partial<Record<string, Operation>>)[method];
      if (operation?.responses !== undefined) replaceDefault(operation, operation.responses);
    }
  }
}

function replaceDefault(operation: Operation, responses: Record<string, unknown>): void {
  const own = (responses["default"] as { readonly [CODES]?: readonly ErrorCode[] } | undefined)?.[CODES] ?? [];
  delete responses["default"];
  for (const [status, codes] of byStatus(new Set([...own, ...impliedBy(operation)]))) {
    responses[status] = refusal(codes);
  }
  if (operation.requestBody !== undefined) responses[OTHER_TYPE] ??= refusal(["bad_request"]);
}

/** What a token and a body bring with them. */
function impliedBy({ security, requestBody }: Operation): ErrorCode[] {
  const schemes = (security ?? []).flatMap((one) => Object.keys(one));
  const ofToken: ErrorCode[] = schemes.includes(BEARER)
    ? ["bad_token", "session_revoked", "insufficient_scope", "account_suspended"]
    : [];
  const ofOperator: ErrorCode[] = schemes.includes(ADMIN) ? ["bad_token", "not_found"] : [];
  const ofBody: ErrorCode[] = requestBody === undefined ? [] : ["too_large"];
  return [...OF_ALL, ...ofToken, ...ofOperator, ...ofBody];
}

function byStatus(codes: ReadonlySet<ErrorCode>): Map<number, ErrorCode[]> {
  const statuses = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERRORS[code];
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return new Map([...statuses].sort(([a], [b]) => a - b));
}

function refusal(codes: readonly ErrorCode[]) {
  const description = codes.map((code) => `- \`${code}\`: ${ERRORS[code].means}`).join("\n");
  const schema = {
    allOf: [{ $ref: "#/components/schemas/Problem" }, { type: "object", properties: { code: { enum: [...codes] } } }],
  };
  return { description, content: { "application/problem+json": { schema } } };
}
