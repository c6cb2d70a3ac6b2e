import { z } from "zod";
import { type ClientFrame, type ClientFrameOf, clientFrame } from "./client-frame.ts";
import type { ErrorCode } from "./error-codes.ts";
import { faultOf } from "./fault-of.ts";
import { EVENT_ID_PATTERN, UUID_PATTERN } from "./ids.ts";
import { FRAME_MAX_BYTES, TEXT_MAX_BYTES } from "./limits.ts";
import { isRef, ref } from "./schemas.ts";
import { serverFrame } from "./server-frame.ts";
import { isStorable, isTextWithin } from "./text.ts";

/** The server's side of the wire: the only part of this package that carries the validator. */

export type DecodedFrame =
  | { ok: true; frame: ClientFrame }
  | { ok: false; code: ErrorCode; message: string; ref?: number };

/** Reads one client frame. Bad input is ordinary here, so it is a value and not an exception. */
export function decodeClientFrame(text: string): DecodedFrame {
  if (text.length > FRAME_MAX_BYTES) return tooLarge(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, code: "bad_frame", message: "the frame is not JSON" };
  }
  if (isPlainPublish(json)) return { ok: true, frame: json };
  const result = clientFrame.safeParse(json);
  if (result.success) return { ok: true, frame: result.data };
  const answered = refOf(json);
  const code = result.error.issues.some(isTextTooLong) ? "too_large" : "bad_frame";
  return { ok: false, code, message: faultOf(result.error), ...(answered === undefined ? {} : { ref: answered }) };
}

/**
 * The one frame that is frequent, checked by hand. What passes here would pass its schema as it is; whatever does not is
 * the schema's to judge.
 */
function isPlainPublish(json: unknown): json is ClientFrameOf<"publish"> {
  if (typeof json !== "object" || json === null) return false;
  const { type, ref: number, room, id, text, round }: Partial<Record<keyof ClientFrameOf<"publish">, unknown>> = json;
  return (
    type === "publish" &&
    Object.keys(json).length === (round === undefined ? 5 : 6) &&
    (round === undefined || isRef(round)) &&
    isRef(number) &&
    typeof room === "string" &&
    UUID_PATTERN.test(room) &&
    typeof id === "string" &&
    EVENT_ID_PATTERN.test(id) &&
    typeof text === "string" &&
    text !== "" &&
    isTextWithin(text, TEXT_MAX_BYTES) &&
    isStorable(text)
  );
}

/** `prefix`: how the frame begins. An answer without `ref` would leave its sender waiting. */
export function tooLarge(prefix: string): DecodedFrame {
  const answered = refInPrefix(prefix);
  const message = `a frame has at most ${FRAME_MAX_BYTES} bytes`;
  return { ok: false, code: "too_large", message, ...(answered === undefined ? {} : { ref: answered }) };
}

/** Where `ref` is looked for in a frame that is too large to be parsed. */
export const REF_WITHIN_BYTES = 512;
/** Short strings and numbers, then `ref`. A text in front of it is longer than what is looked at. */
const PREFIX_WITH_REF =
  /^\s*\{\s*(?:"\w{1,16}"\s*:\s*(?:"[^"\\]{0,128}"|\d{1,16})\s*,\s*)*"ref"\s*:\s*(\d{1,10})\s*[,}]/;

function refInPrefix(prefix: string): number | undefined {
  const digits = PREFIX_WITH_REF.exec(prefix.slice(0, REF_WITHIN_BYTES))?.[1];
  return digits === undefined || !isRef(Number(digits)) ? undefined : Number(digits);
}

/** Of a message, in a frame or a body. */
export function isTextTooLong(issue: z.core.$ZodIssue): boolean {
  return issue.path[0] === "text" && issue.code === "too_big";
}

function refOf(json: unknown): number | undefined {
  if (typeof json !== "object" || json === null || !("ref" in json)) return undefined;
  return ref.safeParse(json.ref).data;
}

/** JSON Schema of both unions, for docs/ and for clients in other languages. */
export function wireSchemas(): { clientFrame: unknown; serverFrame: unknown } {
  const options = { io: "input", unrepresentable: "any" } as const;
  return { clientFrame: z.toJSONSchema(clientFrame, options), serverFrame: z.toJSONSchema(serverFrame, options) };
}

export { type AccessClaims, accessClaims } from "./access-claims.ts";
export { clientFrame } from "./client-frame.ts";
export { event } from "./event.ts";
export { faultOf } from "./fault-of.ts";
export { exportId, fileId, roomId, sessionId, taskId, userId, uuid } from "./schemas.ts";
export { serverFrame } from "./server-frame.ts";
export { STORABLE } from "./strings.ts";
