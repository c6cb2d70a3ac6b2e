import { HubbubError, type HubbubHttp } from "@hubbub/client";
import { isUuid, type Room, type RoomId } from "@hubbub/protocol";
import { CliError } from "./cli-error.ts";

/** Rooms of one name that are looked at, for private ones may share it; beyond them the id is needed. */
const NAMESAKES_MAX = 500;
/** Of them, those that are named. */
const NAMED_MAX = 5;

/**
 * A room by its id or name, preferring exact spelling and rooms already joined; undefined when there is none.
 * @throws CliError where that is more than one: others may have brought the user into a room of the name of another one
 */
export async function findRoom(http: HubbubHttp, nameOrId: string): Promise<Room | undefined> {
  if (isUuid(nameOrId)) return findById(http, nameOrId as RoomId);
  const name = nameOrId.replace(/^#/, "");
  const matches: Room[] = [];
  for await (const room of listAll(http, { name })) if (matches.push(room) >= NAMESAKES_MAX) break;
  const rank = (room: Room): number => (room.name === name ? 2 : 0) + (room.role === null ? 0 : 1);
  const [best] = matches.sort((a, b) => rank(b) - rank(a));
  const alike = matches.filter((room) => best !== undefined && best.role !== null && rank(room) === rank(best));
  if (alike.length <= 1) return best;
  const ids = alike.slice(0, NAMED_MAX).map(({ id, visibility }) => `${id} (${visibility})`);
  throw new CliError(`you are in several rooms called ${name}; say which, by its id: ${ids.join(", ")}`);
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
