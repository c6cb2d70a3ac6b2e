import { newId, type UserId } from "./ids.ts";

/** Where a UUID has its version. Ids of people have 7 there. */
const VERSION_AT = 14;
/** Authors that are no accounts, such as the one of standing queries, begin with it. */
const NO_ACCOUNT = "00000000-";

/** The version of the UUID marks a bot: readers of an event recognise a bot by its id, without a lookup. */
export function newBotId(): UserId {
  const id = newId<UserId>();
  return `${id.slice(0, VERSION_AT)}8${id.slice(VERSION_AT + 1)}` as UserId;
}

export function isBot(user: UserId): boolean {
  return user[VERSION_AT] === "8" && !user.startsWith(NO_ACCOUNT);
}

/** The user as authors are shown: bots have a badge. */
export function withBadge<User extends { readonly id: UserId }>(user: User): User {
  return isBot(user.id) ? { ...user, bot: true } : user;
}
