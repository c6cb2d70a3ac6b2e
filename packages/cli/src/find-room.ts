import { HubbubError, type HubbubHttp } from "@hubbub/client";
import { isUuid, type Room, type RoomId } from "@hubbub/protocol";

/** Rooms of one name that are looked at, for private ones may share it; beyond them the id is needed. */
const NAMESAKES_MAX = 500;

/** A room by its id or name, preferring exact spelling and rooms already joined; undefined when there is none. */
export async function findRoom(http: HubbubHttp, nameOrId: string): Promise<Room | undefined> {
  if (isUuid(nameOrId)) return findById(http, nameOrId as RoomId);
  const name = nameOrId.replace(/^#/, "");
  const matches: Room[] = [];
  for await (const room of listAll(http, { name })) if (matches.push(room) >= NAMESAKES_MAX) break;
  const rank = (room: Room): number => (room.name === name ? 2 : 0) + (room.role === null ? 0 : 1);
  return matches.sort((a, b) => rank(b) - rank(a))[0];
}

/** Joins when that is needed. */
export async function enterRoom(http: HubbubHttp, room: Room): Promise<Room> {
  return room.role === null ? http.joinRoom(room.id) : room;
}

/** A private room that the user left is not shown to them, but joining leads back. */
async function findById(http: HubbubHttp, id: RoomId): Promise<Room | undefined> {
  return unlessUnknown(http.room(id)).then((room) => room ?? unlessUnknown(http.joinRoom(id)));
}

async function unlessUnknown(room: Promise<Room>): Promise<Room | undefined> {
  return room.catch((error: unknown) => {
    if (error instanceof HubbubError && error.code === "unknown_room") return undefined;
    throw error;
  });
}

/** Page by page, as long as somebody takes them. */
export async function* listAll(http: HubbubHttp, query: { name?: string; joined?: boolean }): AsyncGenerator<Room> {
  let cursor: string | undefined;
  do {
    const page = await http.listRooms({ ...query, cursor });
    yield* page.rooms;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
