import { type Operand, ProtocolError, type RoomId, type SearchQuery, type UserId, usernameKey } from "@hubbub/protocol";
import { SEARCH_FLAGS, type Search, type SearchFilter } from "@hubbub/store";
import { isExact, toIndexText } from "./search-text.ts";

/** A query of one user, with ids for its names. */
export interface Question {
  readonly user: UserId;
  readonly query: SearchQuery;
  readonly filter: SearchFilter;
}

/** @throws ProtocolError unknown_user, unknown_room */
export async function resolveQuestion(search: Search, user: UserId, query: SearchQuery): Promise<Question> {
  const { hasLink, hasFile, isPinned } = query;
  const flags =
    (hasLink ? SEARCH_FLAGS.link : 0) | (hasFile ? SEARCH_FLAGS.file : 0) | (isPinned ? SEARCH_FLAGS.pinned : 0);
  return {
    user,
    query,
    filter: {
      ...(await idsOf(search, user, query)),
      needles: query.needles.map(toIndexText),
      // The index takes some texts for others: what it excludes nobody sees again.
      without: query.without.filter(isExact).map(toIndexText),
      after: query.after ?? 0,
      before: query.before ?? Number.MAX_SAFE_INTEGER,
      flags,
    },
  };
}

async function idsOf(
  search: Search,
  user: UserId,
  query: SearchQuery,
): Promise<{ users: UserId[] | undefined; rooms: RoomId[] | undefined }> {
  const others = query.from.filter(({ value }) => usernameKey(value) !== "me");
  const names = { users: others.map(({ value }) => usernameKey(value)), rooms: query.in.map(({ value }) => value) };
  if (names.users.length === 0 && names.rooms.length === 0) {
    return { users: query.from.length === 0 ? undefined : [user], rooms: undefined };
  }
  const found = await search.resolve(user, names);
  const users = query.from.map((operand) => {
    const key = usernameKey(operand.value);
    return key === "me" ? user : (found.users.get(key) ?? refuse("unknown_user", "nobody has the name", operand));
  });
  const rooms = query.in.flatMap(
    (operand) => found.rooms.get(operand.value) ?? refuse("unknown_room", "you are in no room", operand),
  );
  return { users: query.from.length === 0 ? undefined : users, rooms: query.in.length === 0 ? undefined : rooms };
}

function refuse(code: "unknown_user" | "unknown_room", what: string, { value, at }: Operand): never {
  throw new ProtocolError(code, `${what} ${JSON.stringify(value)} (character ${at + 1})`);
}
