import type { RoomId } from "@hubbub/protocol";
import type { PageStorage } from "./page-storage.ts";

const ROOMS_MAX = 20;

/** Rooms that one user has opened in this browser, the last one first. */
export class RecentRooms {
  readonly #storage: PageStorage;
  readonly #key: string;

  constructor(storage: PageStorage, user: string) {
    this.#storage = storage;
    this.#key = `recent.${user}`;
  }

  get all(): readonly RoomId[] {
    return this.#storage.read(this.#key, isList) ?? [];
  }

  opened(room: RoomId): void {
    const others = this.all.filter((other) => other !== room);
    this.#storage.set(this.#key, JSON.stringify([room, ...others].slice(0, ROOMS_MAX)));
  }

  clear(): void {
    this.#storage.remove(this.#key);
  }
}

function isList(value: unknown): value is RoomId[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
