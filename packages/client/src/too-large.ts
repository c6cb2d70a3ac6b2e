import { isTextWithin, type Limits, textBytes } from "@hubbub/protocol";
import { HubbubError } from "./hubbub-error.ts";
import type { OutboxBody } from "./outbox.ts";

const utf8 = new TextEncoder();
/** `ref` and `round`, which are added when it is sent. */
const ADDED_BYTES = 64;

/** Why the server would refuse this event for its size, or undefined. Sent all the same it could cost the connection. */
export function tooLarge(body: OutboxBody, limits: Limits): HubbubError | undefined {
  const { textMaxBytes, frameMaxBytes } = limits;
  if ("text" in body && !isTextWithin(body.text, textMaxBytes)) {
    const has = textBytes(body.text);
    return new HubbubError("too_large", `the text has ${has} bytes as JSON, at most ${textMaxBytes} are allowed`);
  }
  const bytes = utf8.encode(JSON.stringify(body)).length + ADDED_BYTES;
  if (bytes <= frameMaxBytes) return undefined;
  return new HubbubError("too_large", `the frame has ${bytes} bytes, at most ${frameMaxBytes} are allowed`);
}
