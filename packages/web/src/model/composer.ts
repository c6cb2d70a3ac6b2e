import { outranks, type Role, type Room, type UserId } from "@hubbub/protocol";
import { type Item, isInRoom, type Message } from "./timeline.ts";

/** What a key does in the box for messages. `none`: what the browser does with it. */
export type KeyAct =
  | "none"
  | "send"
  | "edit-last"
  | "cancel"
  | "take-candidate"
  | "next-candidate"
  | "previous-candidate"
  | "close-candidates";

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  /** An input method composes: the key is its own. */
  readonly isComposing: boolean;
  /** Some browsers tell of an input method by this code only. */
  readonly keyCode: number;
}

export interface Box {
  readonly text: string;
  /** What the text is about beside itself. */
  readonly subject: "none" | "reply" | "edit";
  /** Names or emoji are offered. */
  readonly hasCandidates: boolean;
  /** False on a screen keyboard: Enter makes a line there. */
  readonly entersToSend: boolean;
}

const KEY_OF_INPUT_METHOD = 229;

/** Enter sends, Shift+Enter makes a line, ↑ in an empty box edits the last own message, Escape gives up what was begun. */
export function actOfKey(press: KeyPress, box: Box): KeyAct {
  if (press.isComposing || press.keyCode === KEY_OF_INPUT_METHOD) return "none";
  const isPlain = !press.shiftKey && !press.ctrlKey && !press.altKey && !press.metaKey;
  if (box.hasCandidates && isPlain) {
    const act = actAmongCandidates(press.key);
    if (act !== "none") return act;
  }
  if (press.key === "Enter") return sends(press, box) ? "send" : "none";
  if (!isPlain) return "none";
  if (press.key === "Escape") return box.subject === "none" ? "none" : "cancel";
  const isEmpty = box.text === "" && box.subject === "none";
  return press.key === "ArrowUp" && isEmpty ? "edit-last" : "none";
}

function actAmongCandidates(key: string): KeyAct {
  switch (key) {
    case "Enter":
    case "Tab":
      return "take-candidate";
    case "ArrowDown":
      return "next-candidate";
    case "ArrowUp":
      return "previous-candidate";
    case "Escape":
      return "close-candidates";
    default:
      return "none";
  }
}

/** With Ctrl or ⌘ it sends from every keyboard. */
function sends({ shiftKey, ctrlKey, altKey, metaKey }: KeyPress, { entersToSend }: Box): boolean {
  if (shiftKey || altKey) return false;
  return ctrlKey || metaKey || entersToSend;
}

/** The message of the room that ↑ edits. Replies in threads are not in sight there. */
export function lastOwn(items: readonly Item[], me: UserId): Message | undefined {
  const isOwn = (item: Item): item is Message =>
    item.kind === "message" && item.event.by.id === me && !item.state.isDeleted && item.event.text !== "";
  return items.filter(isInRoom).findLast(isOwn);
}

/** When the user may write again, by the clock of this machine. */
export interface SlowMode {
  readonly until: number;
}

/** `sentAt`: when the server took the last own message, by the clock of this machine; undefined: none in this visit. */
export function slowModeOf(
  { settings, role }: Pick<Room, "settings" | "role">,
  sentAt: number | undefined,
): SlowMode | undefined {
  const { slowModeSeconds = 0 } = settings ?? {};
  const isExempt = role === null || outranks(role as Role, "moderator");
  if (slowModeSeconds === 0 || isExempt || sentAt === undefined) return undefined;
  return { until: sentAt + 1_000 * slowModeSeconds };
}

/** Of a refusal: only the server knows what other browsers of the user have sent. */
export function slowModeAfter(retryAfterMs: number, now: number): SlowMode {
  return { until: now + retryAfterMs };
}

/** The room is another one, or the role in it: nobody waits longer than these say now. */
export function slowModeIn(
  room: Pick<Room, "settings" | "role">,
  slow: SlowMode | undefined,
  now: number,
): SlowMode | undefined {
  const longest = slowModeOf(room, now);
  return slow && longest && { until: Math.min(slow.until, longest.until) };
}

export interface Countdown {
  /** "" when one may write. */
  readonly text: string;
  /** When the text is another one; undefined: never. */
  readonly nextInMs: number | undefined;
}

export function countdownOf(slow: SlowMode | undefined, now: number): Countdown {
  const leftMs = (slow?.until ?? 0) - now;
  if (leftMs <= 0) return { text: "", nextInMs: undefined };
  const seconds = Math.ceil(leftMs / 1_000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return { text: `Slow mode: ${time}`, nextInMs: leftMs - 1_000 * (seconds - 1) };
}
