import type { Client, HubbubError } from "@hubbub/client";
import type { Room, RoomEvent, UserId } from "@hubbub/protocol";
import type { SlowMode } from "./composer.ts";
import type { Panel } from "./panel.ts";
import type { Message, Timeline } from "./timeline.ts";
import type { Upload } from "./uploads.ts";
import type { Words } from "./words.ts";

/** Where the window is to stand: a seq, the first event of a time (Unix ms), or what was not read when the room opened. */
export type Place = { readonly seq: number } | { readonly date: number } | "unread";

/** An item that is to be brought on the screen. Each jump has its own object. */
export interface Target {
  readonly seq: number;
}

/** The new text of a message. `baseSeq`: the event of the text that it replaces. */
export interface Edit {
  readonly message: Message;
  readonly text: string;
  readonly baseSeq: number;
}

/** One room as it is known here. */
export interface Talk {
  readonly room: Room;
  readonly timeline: Timeline;
  readonly isLoading: boolean;
  /** Messages of others that came while nobody looked. */
  readonly unread: number;
  /** Messages of others that came while the window was not at the head. */
  readonly news: number;
  /** Up to where the user had read when the room was opened; undefined: not known. */
  readonly readAtOpening: number | undefined;
  /** Of the last jump. */
  readonly target: Target | undefined;
  /** Until when the user may not write, in a room in slow mode. */
  readonly slow: SlowMode | undefined;
  /** Why the room is no longer heard; "" while it is. */
  readonly closed: string;
  readonly uploads: readonly Upload[];
  /** The last one that was refused, until it is in the box again; `baseSeq` is of the text that is there now. */
  readonly refusedEdit: Edit | undefined;
  readonly panel: Panel | undefined;
  /** Who types now, in words. */
  readonly typing: string;
}

export interface ConversationHost {
  readonly me: UserId;
  readonly client: Pick<Client, "room" | "http">;
  readonly words: Words;
  /** The room as an earlier visit has left it. */
  kept(room: Room["id"]): Timeline;
  /** Whether somebody sees what is new. */
  isSeen(room: Room["id"]): boolean;
  changed(talk: Talk): void;
  failed(error: unknown): void;
  /** Something has happened in the room. */
  heard(room: Room, event: RoomEvent): void;
  /** The server lets the user hear this room no more. */
  refused(room: Room["id"], error: HubbubError): void;
  /** Name, settings or the own role are others now. */
  roomChanged(room: Room): void;
}

export function freshTalk(room: Room, timeline: Timeline): Talk {
  return {
    room,
    timeline,
    isLoading: true,
    unread: 0,
    news: 0,
    readAtOpening: undefined,
    target: undefined,
    slow: undefined,
    closed: "",
    uploads: [],
    refusedEdit: undefined,
    panel: undefined,
    typing: "",
  };
}

/** The same room where the event changes nothing of it for this user. */
export function roomAfter(room: Room, event: RoomEvent, me: UserId): Room {
  if (event.kind === "room") return { ...room, name: event.name, topic: event.topic, settings: event.settings };
  const isOwn = event.kind === "member" && event.user === me && event.role !== undefined;
  return isOwn ? { ...room, role: event.role as Room["role"] } : room;
}
