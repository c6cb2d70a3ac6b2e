import { HubbubError, type HubbubHttp } from "@hubbub/client";
import { isUuid, type Room, type RoomId } from "@hubbub/protocol";

/** Pages of rooms looked through for a name; names that many rooms share the beginning of need the id. */
const PAGES_MAX = 10;

/** A room by its id or name, preferring exact spelling and rooms already joined; undefined when there is none. */
export async function findRoom(http: HubbubHttp, nameOrId: string): Promise<Room | undefined> {
  if (isUuid(nameOrId)) return findById(http, nameOrId as RoomId);
  const name = nameOrId.replace(/^#/, "");
  const matches: Room[] = [];
  for await (const room of listAll(http, { name })) matches.push(room);
  const rank = (room: Room): number => (room.name === name ? 2 : 0) + (room.role === null ? 0 : 1);
  return matches.sort((a, b) => rank(b) - rank(a))[0];
}

/** Joins when that is needed. */
export async function enterRoom(http: HubbubHttp, room: Room): Promise<Room> {
  return room.role === null ? http.joinRoom(room.id) : room;
}

async function findById(http: HubbubHttp, id: RoomId): Promise<Room | undefined> {
  for await (const room of listAll(http, { joined: true })) if (room.id === id) return room;
  return http.joinRoom(id).catch((error: unknown) => {
    if (error instanceof HubbubError && error.code === "unknown_room") return undefined;
    throw error;
  });
}

export async function* listAll(http: HubbubHttp, query: { name?: string; joined?: boolean }): AsyncGenerator<Room> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await http.listRooms({ ...query, cursor });
    yield* answer.rooms;
    cursor = answer.cursor;
    if (cursor === undefined) return;
  }
}
