import type { Head, PersonalFrame, RoomState, StatePage } from "@hubbub/client";
import type { PublicUser, Room, RoomEvent } from "@hubbub/protocol";

/** Above it nobody counts; the server ends there, too. */
export const UNREAD_MAX = 100;

export interface RoomRow
  extends Pick<RoomState, "name" | "visibility" | "topic" | "head" | "read" | "unread" | "mentions" | "starred"> {
  readonly id: Room["id"];
  readonly role: Room["role"];
}

export type Rooms = ReadonlyMap<string, RoomRow>;

export interface Section {
  readonly title: string;
  readonly rooms: readonly RoomRow[];
}

/** The answer of `GET /me/state`; `isWhole`: it has all rooms. */
export function withState(rooms: Rooms, page: Pick<StatePage, "rooms">, isWhole: boolean): Rooms {
  const told = page.rooms.map((state): [string, RoomRow] => [
    state.room,
    rowOf(state, rooms.get(state.room)?.read ?? 0),
  ]);
  return new Map([...(isWhole ? [] : rooms), ...told]);
}

/** `read`: this client may know of a mark that was not stored yet. */
function rowOf(state: RoomState, read: number): RoomRow {
  const { name, visibility, topic, role, head, starred } = state;
  const isRead = read >= head;
  const counts = isRead ? { unread: 0, mentions: 0 } : { unread: state.unread, mentions: state.mentions };
  return { id: state.room, name, visibility, topic, role, head, starred, read: Math.max(read, state.read), ...counts };
}

export function withEntered(rooms: Rooms, room: Room): Rooms {
  const known = rooms.get(room.id);
  const { id, name, visibility, topic, role, head } = room;
  const fresh = { id, head, read: 0, unread: 0, mentions: 0, starred: false };
  return new Map(rooms).set(id, { ...fresh, ...known, name, visibility, topic, role });
}

export function without(rooms: Rooms, id: string): Rooms {
  return new Map([...rooms].filter(([one]) => one !== id));
}

/** Something is new in a room that is followed by its head. How much is counted by the server: see `withState`. */
export function withHead(rooms: Rooms, { room, seq, by, preview, mentions }: Head, me: PublicUser | undefined): Rooms {
  const known = rooms.get(room);
  if (known === undefined || seq <= known.head) return rooms;
  const isNews = preview !== undefined && by?.id !== me?.id && seq > known.read;
  const isForMe = mentions?.room === true || mentions?.names?.includes((me?.username ?? "").toLowerCase()) === true;
  const counts = isNews ? counted(known, isForMe) : {};
  return new Map(rooms).set(room, { ...known, head: seq, ...counts });
}

/** An event of a room that is heard and not looked at. */
export function withEvent(rooms: Rooms, event: RoomEvent, me: PublicUser | undefined): Rooms {
  const known = rooms.get(event.room);
  if (known === undefined || event.seq <= known.head) return rooms;
  const isShown = event.kind === "message" && (event.thread === undefined || event.broadcast === true);
  const isNews = isShown && event.by.id !== me?.id && event.seq > known.read;
  const mentions = event.kind === "message" ? event.mentions : undefined;
  const isForMe = mentions?.room === true || mentions?.names?.includes((me?.username ?? "").toLowerCase()) === true;
  const name = event.kind === "room" ? { name: event.name } : {};
  return new Map(rooms).set(event.room, {
    ...known,
    ...name,
    head: event.seq,
    ...(isNews ? counted(known, isForMe) : {}),
  });
}

/** Everything up to `seq` was read, here or elsewhere. */
export function withRead(rooms: Rooms, id: string, seq: number): Rooms {
  const known = rooms.get(id);
  if (known === undefined || seq <= known.read) return rooms;
  const counts = seq >= known.head ? { unread: 0, mentions: 0 } : {};
  return new Map(rooms).set(id, { ...known, read: seq, ...counts });
}

export function withNews(rooms: Rooms, news: PersonalFrame): Rooms {
  if (news.kind === "read") return withRead(rooms, news.room, news.seq);
  if (news.kind === "left") return without(rooms, news.room);
  const known = news.kind === "room" ? rooms.get(news.room) : undefined;
  if (news.kind !== "room" || known === undefined) return rooms;
  return new Map(rooms).set(known.id, { ...known, starred: news.starred });
}

/** As they are listed; a section without rooms is none. */
export function sectionsOf(rooms: Rooms): Section[] {
  const sorted = [...rooms.values()].sort((one, other) => one.name.localeCompare(other.name));
  const [starred, others] = [sorted.filter((room) => room.starred), sorted.filter((room) => !room.starred)];
  const sections = [
    { title: "★ starred", rooms: starred },
    { title: "rooms", rooms: others.filter(({ visibility }) => visibility !== "direct") },
    { title: "direct", rooms: others.filter(({ visibility }) => visibility === "direct") },
  ];
  return sections.filter((section) => section.rooms.length > 0);
}

/** Mentions and messages that are unread, in short; "" for none. */
export function newsIn({ unread, mentions }: RoomRow): string {
  const count = unread === 0 ? [] : [unread >= UNREAD_MAX ? `${UNREAD_MAX}+` : `${unread}`];
  return [...(mentions > 0 ? [`@${mentions}`] : []), ...count].join(" ");
}

/** Rooms with something unread, those with mentions first. */
export function unreadRooms(rooms: Rooms): RoomRow[] {
  const unread = listed(rooms).filter((room) => room.unread > 0);
  return unread.sort((one, other) => Number(other.mentions > 0) - Number(one.mentions > 0));
}

/** What somebody wants of the user: mentions, and direct messages. `but`: a room that the user looks at. */
export function callsIn(rooms: Rooms, but?: string): number {
  const calls = ({ visibility, unread, mentions }: RoomRow): number =>
    Math.max(mentions, visibility === "direct" ? unread : 0);
  return [...rooms.values()].reduce((sum, room) => sum + (room.id === but ? 0 : calls(room)), 0);
}

/** From top to bottom. */
export function listed(rooms: Rooms): RoomRow[] {
  return sectionsOf(rooms).flatMap((section) => section.rooms);
}

function counted({ unread, mentions }: RoomRow, isForMe: boolean): Pick<RoomRow, "unread" | "mentions"> {
  return { unread: Math.min(unread + 1, UNREAD_MAX), mentions: mentions + (isForMe ? 1 : 0) };
}
