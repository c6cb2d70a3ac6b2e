import { z } from "zod";
import { type ClientFrame, type ClientFrameOf, clientFrame } from "./client-frame.ts";
import type { ErrorCode } from "./error-codes.ts";
import { faultOf } from "./fault-of.ts";
import { EVENT_ID_PATTERN, UUID_PATTERN } from "./ids.ts";
import { FRAME_MAX_BYTES, TEXT_MAX_BYTES } from "./limits.ts";
import { isRef, isStorable, ref } from "./schemas.ts";
import { serverFrame } from "./server-frame.ts";

/** The server's side of the wire: the only part of this package that carries the validator. */

export type DecodedFrame =
  | { ok: true; frame: ClientFrame }
  | { ok: false; code: ErrorCode; message: string; ref?: number };

/** Of one UTF-16 unit: a text of so many fewer units is short enough whatever is in it. */
const UTF8_BYTES_MAX = 3;

/** Reads one client frame. Bad input is ordinary here, so it is a value and not an exception. */
export function decodeClientFrame(text: string): DecodedFrame {
  if (text.length > FRAME_MAX_BYTES) return tooLarge();
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
  const { type, ref: number, room, id, text }: Partial<Record<keyof ClientFrameOf<"publish">, unknown>> = json;
  return (
    type === "publish" &&
    Object.keys(json).length === 5 &&
    isRef(number) &&
    typeof room === "string" &&
    UUID_PATTERN.test(room) &&
    typeof id === "string" &&
    EVENT_ID_PATTERN.test(id) &&
    typeof text === "string" &&
    text !== "" &&
    text.length <= TEXT_MAX_BYTES / UTF8_BYTES_MAX &&
    isStorable(text)
  );
}

export function tooLarge(): DecodedFrame {
  return { ok: false, code: "too_large", message: `a frame has at most ${FRAME_MAX_BYTES} bytes` };
}

function isTextTooLong(issue: z.core.$ZodIssue): boolean {
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
export { roomId, userId } from "./schemas.ts";
export { serverFrame } from "./server-frame.ts";
