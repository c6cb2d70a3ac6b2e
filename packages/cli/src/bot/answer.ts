import { createHash } from "node:crypto";
import type { MessageOptions } from "@hubbub/client";
import type { RoomEvent } from "@hubbub/protocol";

/** What a script wants to be done, one for each of its lines. */
export type Action =
  | { readonly kind: "publish"; readonly text: string; readonly options: MessageOptions }
  | { readonly kind: "react"; readonly target: number; readonly emoji: string; readonly options: { remove?: true } }
  | { readonly kind: "wrong"; readonly why: string };

const KEYS: ReadonlySet<string> = new Set(["text", "replyTo", "thread", "broadcast", "react", "remove", "target"]);

/** A line is a text, or an object that says more. A line that is no JSON is a text, whatever it begins with. */
export function actionOf(line: string, event: RoomEvent): Action {
  const fields = objectIn(line);
  if (fields === undefined) return { kind: "publish", text: line, options: threadOf(event) };
  const { text, replyTo, thread, broadcast, react, remove, target } = fields;
  const stray = Object.keys(fields).find((key) => !KEYS.has(key));
  if (stray !== undefined) return { kind: "wrong", why: `there is no field ${stray}` };
  if (![replyTo, thread, target].every((seq) => seq === undefined || Number.isSafeInteger(seq)))
    return { kind: "wrong", why: "replyTo, thread and target take the number of a message" };
  if (typeof react === "string" && text === undefined) {
    const options = remove === true ? ({ remove: true } as const) : {};
    return { kind: "react", target: (target as number | undefined) ?? targetOf(event), emoji: react, options };
  }
  if (typeof text !== "string" || text === "" || react !== undefined)
    return { kind: "wrong", why: "it needs text, or react" };
  const options: MessageOptions = {
    ...(thread === undefined ? threadOf(event) : { thread: thread as number }),
    ...(replyTo === undefined ? {} : { replyTo: replyTo as number }),
    ...(broadcast === true ? { broadcast } : {}),
  };
  return { kind: "publish", text, options };
}

/**
 * The id of an answer: the same whenever the same bot answers the same event, so that the server takes it once. Ids of events
 * are unique to their author only.
 */
export function answerId(bot: string, { room, by, id }: RoomEvent, at: number): string {
  return createHash("sha256").update([bot, room, by.id, id, at].join("\n")).digest("base64url");
}

/** What is said in a thread is answered there. */
function threadOf(event: RoomEvent): MessageOptions {
  return event.kind === "message" && event.thread !== undefined ? { thread: event.thread } : {};
}

/** The message that an event is, or is about. */
function targetOf(event: RoomEvent): number {
  return "target" in event ? event.target : event.seq;
}

function objectIn(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
