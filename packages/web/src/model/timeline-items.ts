import type { Message as Known, MessageEvent } from "@hubbub/client";
import { type FileInfo, type MessageState, type RoomEvent, UNCHANGED } from "@hubbub/protocol";

export interface Message {
  readonly kind: "message";
  readonly seq: number;
  readonly at: number;
  readonly event: MessageEvent;
  /** What later events have made of it. */
  readonly state: MessageState;
}

/** Somebody came or went, something is missing. */
export interface Note {
  readonly kind: "note";
  readonly seq: number;
  readonly at: number;
  /** Of its event; 0 where there is none. */
  readonly epoch: number;
  readonly text: string;
  /** A task that has begun; `progress` while it is heard of. */
  readonly task?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** Of a task. `total` 0: not known. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

export type Item = Message | Note;

/** What a message has beside its text. */
export interface Extras {
  readonly replyTo?: number | undefined;
  readonly thread?: number | undefined;
  /** A message of a thread that is shown in the room as well. */
  readonly broadcast?: true | undefined;
  readonly files?: readonly Pick<FileInfo, "id" | "name">[] | undefined;
}

export interface Draft extends Extras {
  readonly id: string;
  readonly text: string;
  /** Why it was refused; undefined while it is on its way. */
  readonly error: string | undefined;
  /** Its place, once the server has told it. */
  readonly seq?: number | undefined;
}

/** What a message has beside its text, of something that has more. */
export function extrasOf({ replyTo, thread, broadcast, files }: Extras): Extras {
  return { replyTo, thread, broadcast, files };
}

/** Of an item without its text, about. */
const ITEM_BYTES = 400;
const FILE_BYTES = 400;

/** What a room shows of an event; undefined: nothing of its own. `items`: what is known of the room. */
export function itemOf(event: RoomEvent, items: readonly Item[]): Item | undefined {
  const { username } = event.by;
  switch (event.kind) {
    case "message":
      return toItem({ event, state: UNCHANGED });
    case "edit":
    case "delete":
    case "react":
      return undefined;
    case "member":
      return note(event, `${username} ${memberNews(event, nameIn(items, event.user))}`);
    case "pin":
      return note(event, `${username} ${event.remove ? "unpinned" : "pinned"} a message`);
    case "join":
      return note(event, event.user === event.by.id ? `${username} joined` : "somebody was added");
    case "leave":
      return note(event, event.user === event.by.id ? `${username} left` : "somebody was removed");
    case "room":
      return note(event, `${username} changed the room: ${roomNews(event)}`);
    case "data":
      return note(
        event,
        `${username} published ${event.rows.length === 1 ? "a record" : `${event.rows.length} records`}`,
      );
    case "flow":
      return note(event, event.state === "running" ? "a standing query began" : `the query ended: ${event.note ?? ""}`);
    case "task":
      return { ...note(event, taskWords(event)), ...(event.state === "queued" && { task: event.task }) };
    case "tombstone":
      return note(event, "a message here could not be stored");
  }
}

export function itemsOf(events: readonly RoomEvent[]): Item[] {
  const items: Item[] = [];
  for (const event of events) {
    const item = itemOf(event, items);
    if (item !== undefined) items.push(item);
  }
  return items;
}

export function toItem({ event, state }: Known): Message {
  return { kind: "message", seq: event.seq, at: event.at, event, state };
}

export function textOf({ event, state }: Known): string {
  return state.text ?? event.text;
}

/** Replies in threads are shown there; in the room only where their author wants it. */
export function isInRoom(item: Item): boolean {
  return item.kind === "note" || item.event.thread === undefined || item.event.broadcast === true;
}

export function epochOf(item: Item): number {
  return item.kind === "note" ? item.epoch : item.event.epoch;
}

/** About what an item holds in memory. */
export function bytesOf(item: Item): number {
  if (item.kind === "note") return ITEM_BYTES + 2 * item.text.length;
  const { event, state } = item;
  return ITEM_BYTES + 2 * (event.text.length + (state.text?.length ?? 0)) + FILE_BYTES * (event.files?.length ?? 0);
}

/** Of somebody who wrote something that is loaded. */
function nameIn(items: readonly Item[], user: string): string {
  const item = items.findLast((one) => one.kind === "message" && one.event.by.id === user);
  return item?.kind === "message" ? item.event.by.username : "a member";
}

function memberNews({ role, mutedUntil }: Extract<RoomEvent, { kind: "member" }>, name: string): string {
  if (role !== undefined) return `made ${name} ${/^[ao]/.test(role) ? "an" : "a"} ${role}`;
  return mutedUntil === 0 ? `ended the mute of ${name}` : `muted ${name}`;
}

/** Of a task that was started, or has ended. */
function taskWords({ by, name, state, note: about = "" }: Extract<RoomEvent, { kind: "task" }>): string {
  if (state === "queued") return `${by.username} started the task ${name}`;
  const ended = `the task ${name} of ${by.username} ${state === "done" ? "is done" : `was not done: ${state}`}`;
  return about === "" ? ended : `${ended}: ${about}`;
}

function roomNews({ name, topic, settings }: Extract<RoomEvent, { kind: "room" }>): string {
  const { archived, slowModeSeconds, history, keepRevisions } = settings ?? {};
  return [
    name,
    ...(topic === "" ? [] : [topic]),
    ...(archived ? ["archived"] : []),
    ...(slowModeSeconds === undefined ? [] : [`slow mode ${slowModeSeconds} s`]),
    ...(history === "joined" ? ["earlier messages hidden from newcomers"] : []),
    ...(keepRevisions === false ? ["no earlier texts kept"] : []),
  ].join(" · ");
}

function note({ seq, at, epoch }: RoomEvent, text: string): Note {
  return { kind: "note", seq, at, epoch, text };
}
