import { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "@hubbub/protocol";
import { fileId, roomId, sessionId, userId, uuid } from "@hubbub/protocol/codec";
import { problem, tokens } from "@hubbub/protocol/http";

/** Building blocks of route contracts. */

const problemSchema = problem.meta({ id: "Problem" });

export const tokensSchema = tokens.meta({ id: "Tokens" });

export const BEARER = "bearer";
export const ADMIN = "admin";
export const bearer = [{ [BEARER]: [] }];
export const admin = [{ [ADMIN]: [] }];

export const inRoom = z.object({ id: roomId });
export const inUser = z.object({ id: userId });
export const inSession = z.object({ session: sessionId });
export const fileInRoom = z.object({ id: roomId, file: fileId });
export const memberInRoom = z.object({ id: roomId, user: userId });
export const reportInRoom = z.object({ id: roomId, report: uuid });
export const inReport = z.object({ report: uuid });

export function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

const binary = z.string().meta({ type: "string", format: "binary" });

/** The content of a request, whatever its type. */
export function bytes(description: string) {
  return { description, content: { "application/octet-stream": { schema: binary } } };
}

/** An answer that has the type of what it contains. */
export function contentOf(description: string, type: "*/*" | "application/zip" | "image/webp") {
  return { description, content: { [type]: { schema: binary } } };
}

export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** Of a `default` answer: the codes that `refusalsByStatus` gives their statuses. Not in the served document. */
export const CODES = "x-codes";

export const signedInRefusals = ["bad_request", "bad_token", "session_revoked"] as const;
export const inRoomRefusals = [...signedInRefusals, "unknown_room", "not_member"] as const;
/** Of what needs a permission in the room. */
export const permittedRefusals = [...inRoomRefusals, "forbidden"] as const;
/** Of what a personal access token may not do. */
export const ownRefusals = [...signedInRefusals, "forbidden", "insufficient_scope"] as const;
/** Of what asks for a proof, see docs/signing-in.md. */
export const proofRefusals = [...ownRefusals, "proof_required", "bad_credentials", "bad_code", "overloaded"] as const;

/** All refusals of a route. Every route can be rate limited, or find a part of the cluster unavailable. */
export function refusals(...codes: readonly ErrorCode[]) {
  const all: readonly ErrorCode[] = [...codes, "rate_limited", "unavailable"];
  const lines = all.map((code) => `- ${ERRORS[code].status} \`${code}\`: ${ERRORS[code].means}`);
  const content = { "application/problem+json": { schema: problemSchema } };
  return { description: lines.join("\n"), content, [CODES]: all };
}
