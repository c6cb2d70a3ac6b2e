import type { Gap, Message } from "@hubbub/client";
import type { FileInfo, Member, Room, RoomEvent } from "@hubbub/protocol";
import { describeSettings } from "../acts/describe-settings.ts";
import { harmlessLine, harmlessLines } from "../harmless.ts";
import { fit } from "../width.ts";
import type { Paint } from "./paint.ts";

/** Everything that is shown, as lines of text. Pure: what others wrote is made harmless here and nowhere else. */

/** Of a room before the typed line, so that there is room for what stands behind it. */
export const PROMPT_NAME_COLUMNS = 24;
const TARGET_UNKNOWN = "an earlier message";

/** `textAt`: the text of an event shown before, for replies and edits. */
export interface RenderContext {
  readonly paint: Paint;
  readonly textAt: (seq: number) => string | undefined;
}

export function renderEvent(event: RoomEvent, { paint, textAt }: RenderContext): string[] {
  const who = authorOf(event);
  const quote = (seq: number): string => quoted(textAt(seq));
  switch (event.kind) {
    case "message": {
      const reply = event.replyTo === undefined ? [] : [paint.dim(`      ↪ ${quote(event.replyTo)}`)];
      return [...reply, ...spoken(clock(event.at), who, event.text, paint, event.seq, threadOf(event.thread))];
    }
    case "edit":
      return [
        system(paint, `${who} changed ${quote(event.target)} to`),
        ...spoken(clock(event.at), who, event.text, paint, event.target),
      ];
    case "delete":
      return [system(paint, `${who} deleted ${quote(event.target)}`)];
    case "react": {
      const emoji = harmlessLine(event.emoji);
      return [
        system(paint, `${who} ${event.remove ? `took ${emoji} from` : `put ${emoji} on`} ${quote(event.target)}`),
      ];
    }
    default: {
      const news = newsOf(event, quote);
      return news === undefined ? [] : [system(paint, news)];
    }
  }
}

/** Bots have a badge. */
function authorOf({ by }: RoomEvent): string {
  return `${harmlessLine(by.username)}${by.bot === true ? " [bot]" : ""}`;
}

/** What happens in a room besides messages and their changes; undefined for those, and for kinds of a newer server. */
export function newsOf(event: RoomEvent, quote: (seq: number) => string = () => TARGET_UNKNOWN): string | undefined {
  const who = harmlessLine(event.by.username);
  switch (event.kind) {
    case "pin":
      return `${who} ${event.remove ? "unpinned" : "pinned"} ${quote(event.target)}`;
    case "member":
      return `${who} ${memberNews(event)}`;
    case "join":
      return event.user === event.by.id ? `${who} joined` : `${who} added somebody`;
    case "leave":
      return event.user === event.by.id ? `${who} left` : `${who} removed somebody`;
    case "room":
      return [`${who} changed the room: ${event.name}${topicOf(event.topic)}`, ...special(event)].join("; ");
    case "data":
      return [`${who}:`, ...event.rows.map((row) => harmlessLine(JSON.stringify(row)))].join(" ");
    case "flow":
      return event.state === "running"
        ? "a standing query began"
        : `the query ended: ${harmlessLine(event.note ?? "")}`;
    case "task":
      return event.state === "queued"
        ? `${who} started the task ${harmlessLine(event.name)}`
        : `the task ${harmlessLine(event.name)} of ${who} is ${event.state}${event.note ? `: ${harmlessLine(event.note)}` : ""}`;
    case "tombstone":
      return "a message here could not be stored";
    default:
      return undefined;
  }
}

function special({ settings = {} }: Extract<RoomEvent, { kind: "room" }>): string[] {
  return describeSettings(settings);
}

function memberNews({ role, mutedUntil }: Extract<RoomEvent, { kind: "member" }>): string {
  if (role !== undefined) return `made somebody ${role}`;
  return mutedUntil === 0 ? "let somebody write again" : "muted somebody";
}

/** A message of the past, as it is now; what changed it is not shown by itself. */
export function renderPast(event: RoomEvent, message: Message | undefined, context: RenderContext): string[] {
  const { paint } = context;
  if (event.kind === "edit" || event.kind === "delete" || event.kind === "react") return [];
  if (event.kind !== "message" || message === undefined) return renderEvent(event, context);
  const { state } = message;
  if (state.isDeleted) {
    return [system(paint, `${clock(event.at)} a message of ${event.by.username} was deleted #${event.seq}`)];
  }
  const marks = [...(state.edited === undefined ? [] : ["edited"]), ...(state.isPinned ? ["pinned"] : [])];
  const emoji = [...state.reactions].map(([one, users]) => `${one} ${users.size}`);
  const notes = [...emoji, ...marks, ...repliesOf(state.replies?.count ?? 0)].join(" · ");
  const lines = renderEvent({ ...event, text: state.text ?? event.text }, context);
  return notes === "" ? lines : [...lines, paint.dim(`      ${harmlessLine(notes)}`)];
}

/** `url`: undefined when the file is gone. */
export function renderFile(seq: number, { name, bytes }: FileInfo, url: string | undefined, paint: Paint): string {
  const what = harmlessLine(`${name} (${Math.ceil(bytes / 1024)} KiB)`);
  return `      📎 ${what} ${paint.dim(`#${seq} ${harmlessLine(url ?? "deleted")}`)}`;
}

function repliesOf(count: number): string[] {
  if (count === 0) return [];
  return [count === 1 ? "1 reply" : `${count} replies`];
}

function threadOf(thread: number | undefined): string {
  return thread === undefined ? "" : ` in the thread of #${thread}`;
}

export function renderGap(gap: Gap, paint: Paint): string {
  const count = gap.to - gap.from + 1;
  const why = {
    epoch: "the numbering restarted",
    retention: "they are no longer stored",
    slow: "this connection was too slow",
  };
  const reason =
    gap.reason === "unannounced"
      ? "the server did not deliver them"
      : (why[gap.reason] ?? "the server gives no reason");
  return system(paint, gap.reason === "epoch" ? reason : `${count} events are missing: ${reason}`);
}

export function renderRoom(room: Room, paint: Paint): string {
  const mark = room.role === null ? " " : "●";
  const kind = room.visibility === "public" ? "" : ` (${room.visibility})`;
  return `${mark} ${paint.bold(harmlessLine(room.name))}${kind}${paint.dim(topicOf(room.topic))}`;
}

export function renderMember(member: Member, paint: Paint): string {
  const role = member.role === "member" ? "" : paint.dim(` ${member.role}`);
  return `  ${member.online ? "●" : "○"} ${paint.name(harmlessLine(member.user.username))}${role}`;
}

/** A line about what happens, as against what somebody says. */
export function system(paint: Paint, text: string): string {
  return paint.dim(`      · ${harmlessLine(text)}`);
}

/** `…` on its way, `✓` taken by the server, `✓✓` stored. */
export type Mark = "" | "…" | "✓" | "✓✓";

export function renderPrompt(room: string | undefined, mark: Mark, isAway = false): string {
  const name = room === undefined ? "(no room)" : fit(harmlessLine(room), PROMPT_NAME_COLUMNS);
  return `${name}${isAway ? " (no connection)" : ""}${mark === "" ? "" : ` ${mark}`} › `;
}

/** An own message that did not arrive yet, on one row. */
export function renderPending(text: string): string {
  return `      … ${harmlessLines(text).join(" ⏎ ")}`;
}

/** `HH:MM` in local time. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** `YYYY-MM-DD` in local time. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");
}

/** The number behind it names the message in commands. */
function spoken(time: string, who: string, text: string, paint: Paint, seq: number, where = ""): string[] {
  const [first = "", ...more] = harmlessLines(text);
  const number = paint.dim(`#${seq}${where}`);
  return [`${paint.dim(time)} ${paint.name(who)}  ${first} ${number}`, ...more.map((line) => `      ${line}`)];
}

function quoted(text: string | undefined): string {
  if (text === undefined) return TARGET_UNKNOWN;
  const [line = ""] = harmlessLines(text);
  return `“${line.length > 40 ? `${[...line].slice(0, 40).join("")}…` : line}”`;
}

function topicOf(topic: string): string {
  return topic === "" ? "" : ` – ${harmlessLine(topic)}`;
}

export function oneLine(text: string): string {
  return text.split("\n").join(" ⏎ ");
}
