import type { Room, RoomId } from "@hubbub/protocol";
import { hasFields } from "./has-fields.ts";
import type { PageStorage } from "./page-storage.ts";
import type { RoomStatus } from "./room-status.ts";

export type SectionId = "starred" | "rooms" | "direct" | "archived";
export type SectionSort = "name" | "recent";

const IDS: readonly SectionId[] = ["starred", "rooms", "direct", "archived"];

export interface SectionRow {
  readonly room: Room;
  /** At least so many messages are not read; 0 for a room that is muted. */
  readonly unread: number;
  readonly isExact: boolean;
  /** What is meant for the user: mentions, and all messages of a direct room. */
  readonly mentions: number;
  readonly isMuted: boolean;
}

export interface Section {
  readonly id: SectionId;
  /** Of a collapsed section those that ask for attention, and the open one. */
  readonly rows: readonly SectionRow[];
  /** Rooms with something unread, and what is meant for the user, of all its rooms. */
  readonly unread: number;
  readonly mentions: number;
  readonly isCollapsed: boolean;
}

export interface SectionChoice {
  readonly collapsed: readonly SectionId[];
  readonly sort: SectionSort;
}

export const DEFAULT_CHOICE: SectionChoice = { collapsed: ["archived"], sort: "name" };

export interface SectionSources {
  readonly joined: readonly Room[];
  readonly statuses: ReadonlyMap<RoomId, RoomStatus>;
  readonly open: RoomId | undefined;
  readonly choice: SectionChoice;
}

/** Sections with at least one room. */
export function sectionsOf({ joined, statuses, open, choice }: SectionSources): Section[] {
  const sorted = joined.toSorted((a, b) => orderOf(a, b, statuses, choice.sort));
  return IDS.flatMap((id): Section[] => {
    const rooms = sorted.filter((room) => sectionOf(room, statuses.get(room.id)) === id);
    const all = rooms.map((room) => rowOf(room, statuses.get(room.id)));
    if (all.length === 0) return [];
    const isCollapsed = choice.collapsed.includes(id);
    const rows = isCollapsed ? all.filter(({ room, unread }) => unread > 0 || room.id === open) : all;
    const mentions = all.reduce((sum, row) => sum + row.mentions, 0);
    return [{ id, rows, unread: all.filter(({ unread }) => unread > 0).length, mentions, isCollapsed }];
  });
}

/** What the title of the page says. */
export function totalOf(sections: readonly Section[]): { readonly unread: number; readonly mentions: number } {
  return {
    unread: sections.reduce((sum, { unread }) => sum + unread, 0),
    mentions: sections.reduce((sum, { mentions }) => sum + mentions, 0),
  };
}

/** An archived room stays with the archived ones: nobody writes there. */
function sectionOf(room: Room, status: RoomStatus | undefined): SectionId {
  if (room.settings?.archived) return "archived";
  if (status?.starred) return "starred";
  return room.visibility === "direct" ? "direct" : "rooms";
}

function rowOf(room: Room, status: RoomStatus | undefined): SectionRow {
  const { unread = 0, mentions = 0, isExact = true, level = "all" } = status ?? {};
  if (level === "nothing") return { room, unread: 0, mentions: 0, isExact, isMuted: true };
  const meant = room.visibility === "direct" && level === "all" ? Math.max(unread, mentions) : mentions;
  return { room, unread, mentions: meant, isExact, isMuted: false };
}

/** Times of the last messages, and names where there are none. */
function orderOf(a: Room, b: Room, statuses: SectionSources["statuses"], sort: SectionSort): number {
  const at = ({ id }: Room): number => statuses.get(id)?.last?.at ?? 0;
  const byTime = sort === "recent" ? at(b) - at(a) : 0;
  return byTime || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}

/** What one user has chosen in this browser. */
export class SectionStore {
  readonly #storage: PageStorage;
  readonly #key: string;

  constructor(storage: PageStorage, user: string) {
    this.#storage = storage;
    this.#key = `sections.${user}`;
  }

  read(): SectionChoice {
    return this.#storage.read(this.#key, isChoice) ?? DEFAULT_CHOICE;
  }

  write(choice: SectionChoice): void {
    this.#storage.set(this.#key, JSON.stringify(choice));
  }
}

/** Collapses a section, or shows all of it again. */
export function toggled(choice: SectionChoice, id: SectionId): SectionChoice {
  const others = choice.collapsed.filter((one) => one !== id);
  return { ...choice, collapsed: others.length < choice.collapsed.length ? others : [...others, id] };
}

function isChoice(value: unknown): value is SectionChoice {
  if (!hasFields(value, { sort: "string" }) || !Array.isArray(value["collapsed"])) return false;
  const isSort = value["sort"] === "name" || value["sort"] === "recent";
  return isSort && value["collapsed"].every((id) => IDS.includes(id));
}
