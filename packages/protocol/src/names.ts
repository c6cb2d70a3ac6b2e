/**
 * User names are ASCII and compare in any case of letters. Every comparison (look-up, unique index, limits) goes through
 * these functions, so that no two parts of the server take different names for the same one.
 */

/** Guests carry this in front of their names, and accounts may not. */
export const GUEST_PREFIX = "guest-";

export function isGuestName(name: string): boolean {
  return name.startsWith(GUEST_PREFIX);
}

/** The name as it is looked up and counted. Letters beyond ASCII stay as they are: no user name has any. */
export function usernameKey(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What names that look alike have in common: `Al1ce.` and `allce`, `rn` and `m`, `a_b` and `a-b`. */
export function skeletonOf(name: string): string {
  return usernameKey(name)
    .replace(/[i1]/g, "l")
    .replace(/0/g, "o")
    .replace(/rn/g, "m")
    .replace(/vv/g, "w")
    .replace(/[._-]+/g, "-")
    .replace(/-$/, "");
}

/** Mentions use these words, so no setting frees them. */
export const MENTION_WORDS: readonly string[] = [
  "everyone",
  "everybody",
  "all",
  "here",
  "channel",
  "room",
  "rooms",
  "group",
];

/** The default of `RESERVED_NAMES`: names that speak for the server or stand for nobody in particular. */
export const RESERVED_NAMES: readonly string[] = [
  ...["admin", "administrator", "root", "system", "sysadmin", "operator", "owner", "official", "staff", "team"],
  ...["support", "help", "helpdesk", "info", "contact", "security", "abuse", "postmaster", "webmaster", "hostmaster"],
  ...["moderator", "mod", "mods", "moderators", "admins", "administrators", "hubbub", "server", "service", "bot"],
  ...["online", "unknown", "deleted", "deleted-user", "anonymous", "nobody", "somebody", "user", "guest", "guests"],
  ...["null", "undefined", "none", "true", "false", "me", "self", "you", "api", "www", "mail", "noreply", "no-reply"],
];

const skeletons = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The skeletons of one list, computed once. */
function skeletonsOf(names: readonly string[]): ReadonlySet<string> {
  const known = skeletons.get(names) ?? new Set([...MENTION_WORDS, ...names].map(skeletonOf));
  skeletons.set(names, known);
  return known;
}

/** `reserved`: the list of the setting. `guest-…` belongs to guests. */
export function isReservedName(name: string, reserved: readonly string[] = RESERVED_NAMES): boolean {
  const skeleton = skeletonOf(name);
  return skeletonsOf(reserved).has(skeleton) || skeleton.startsWith(skeletonOf(`${GUEST_PREFIX}x`).slice(0, -1));
}
