import type { Room, RoomSettings } from "@hubbub/protocol";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

/** `archived` is set by `archive`. */
export type SettingsOfRoom = Omit<RoomSettings, "archived">;

/** Direct rooms, and changes of rooms. */
export class HttpRooms {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The one room of the caller and 1 to 7 others, by their names; the first call makes it. @throws HubbubError unknown_user, forbidden after a block */
  direct(usernames: readonly string[]): Promise<Room> {
    return this.#call("POST", "/direct", { users: usernames });
  }

  /** For admins. `settings` replaces all settings: `changeSettings` keeps the others. @throws HubbubError forbidden, room_name_taken */
  change(
    room: string,
    change: { name?: string | undefined; topic?: string | undefined; settings?: SettingsOfRoom | undefined },
  ): Promise<Room> {
    return this.#call("PATCH", pathOf(room), change);
  }

  /**
   * For admins: null takes a setting away, absent ones stay. Of two people who change settings at the same moment, one may
   * overwrite what the other changed.
   */
  async changeSettings(
    room: string,
    change: { [Key in keyof SettingsOfRoom]?: SettingsOfRoom[Key] | null },
  ): Promise<Room> {
    const { settings = {} } = await this.#call<Room>("GET", pathOf(room));
    const { archived: _, ...changed } = { ...settings, ...change } as RoomSettings;
    const kept = Object.entries(changed).filter(([, value]) => value !== null && value !== undefined);
    return this.change(room, { settings: Object.fromEntries(kept) });
  }

  /** For admins: the least time between two messages of a user below moderator; 0 ends it. */
  slowMode(room: string, seconds: number): Promise<Room> {
    return this.changeSettings(room, { slowModeSeconds: seconds === 0 ? null : seconds });
  }

  /** For owners: everybody reads, nobody writes. */
  archive(room: string): Promise<Room> {
    return this.#call("PUT", `${pathOf(room)}/archive`);
  }

  unarchive(room: string): Promise<Room> {
    return this.#call("DELETE", `${pathOf(room)}/archive`);
  }

  /** For owners: nobody finds the room any more. Operators can bring it back for 7 days. */
  delete(room: string): Promise<void> {
    return this.#call("DELETE", pathOf(room));
  }
}

const pathOf = (room: string) => `/rooms/${encodeURIComponent(room)}`;
