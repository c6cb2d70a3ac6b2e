import type { PublicUser, Room, RoomId } from "@hubbub/protocol";
import { MATCH, matchOf } from "./match.ts";

export interface FoundMessage {
  readonly room: RoomId;
  readonly seq: number;
  readonly by: string;
  readonly text: string;
}

/** What one can go to. `key` tells entries apart. */
export type Entry =
  | { readonly kind: "room" | "direct" | "found"; readonly key: string; readonly name: string; readonly room: Room }
  | { readonly kind: "person"; readonly key: string; readonly name: string; readonly user: PublicUser }
  | { readonly kind: "message"; readonly key: string; readonly name: string; readonly message: FoundMessage };

export interface Sources {
  /** The user's own rooms. */
  readonly joined: readonly Room[];
  /** Public rooms that the server has found for the query. */
  readonly found: readonly Room[];
  /** Those whom the user may write to. */
  readonly people: readonly PublicUser[];
  /** What the server has found for the query, the newest first. */
  readonly messages: readonly FoundMessage[];
  /** Rooms that were opened, the last one first. */
  readonly recent: readonly RoomId[];
}

/** Entries that are shown, and messages among them. */
const ENTRIES_MAX = 50;
const MESSAGES_MAX = 10;

/** Own rooms and people before rooms that one is not in. */
const KINDS: readonly Entry["kind"][] = ["room", "direct", "person", "found"];

/** The best first: how well the name fits, then how recently the room was opened, then the kind, then the name. */
export function entriesOf(query: string, sources: Sources): Entry[] {
  const { joined, found, people, recent } = sources;
  const known = new Set(joined.map(({ id }) => id));
  const places = [
    ...joined.map((room) => roomEntry(room.visibility === "direct" ? "direct" : "room", room)),
    ...found.filter(({ id }) => !known.has(id)).map((room) => roomEntry("found", room)),
    ...people.map((user): Entry => ({ kind: "person", key: `person ${user.id}`, name: user.username, user })),
  ];
  const ranked = places
    .map((entry) => ({ entry, match: matchOf(query, entry.name), age: ageOf(entry, recent) }))
    .filter(({ match }) => match > MATCH.none)
    .sort(
      (a, b) => b.match - a.match || a.age - b.age || orderOf(a.entry) - orderOf(b.entry) || byName(a.entry, b.entry),
    );
  // An empty query shows the rooms of before, and the other rooms.
  const isEmpty = query.trim() === "";
  const shown = ranked.filter(({ entry }) => !isEmpty || entry.kind === "room" || entry.kind === "direct");
  const messages = isEmpty ? [] : sources.messages.slice(0, MESSAGES_MAX).map(messageEntry);
  return [...shown.map(({ entry }) => entry).slice(0, ENTRIES_MAX - messages.length), ...messages];
}

function roomEntry(kind: "room" | "direct" | "found", room: Room): Entry {
  return { kind, key: `room ${room.id}`, name: room.name, room };
}

function messageEntry(message: FoundMessage): Entry {
  return { kind: "message", key: `message ${message.room} ${message.seq}`, name: message.text, message };
}

function ageOf(entry: Entry, recent: readonly RoomId[]): number {
  const index = "room" in entry ? recent.indexOf(entry.room.id) : -1;
  return index === -1 ? recent.length : index;
}

function orderOf({ kind }: Entry): number {
  return KINDS.indexOf(kind);
}

function byName(a: Entry, b: Entry): number {
  return a.name.localeCompare(b.name);
}
