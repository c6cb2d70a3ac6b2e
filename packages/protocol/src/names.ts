/**
 * User names are ASCII and compare in any case of letters. Every comparison (look-up, unique index, limits) goes through
 * these functions, so that no two parts of the server take different names for the same one.
 */

/** Guests carry this in front of their names, and accounts may not. */
export const GUEST_PREFIX = "guest-";

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

const RESERVED: ReadonlySet<string> = new Set(
  [
    ...["admin", "administrator", "root", "system", "sysadmin", "operator", "owner", "official", "staff", "team"],
    ...["support", "help", "helpdesk", "info", "contact", "security", "abuse", "postmaster", "webmaster", "hostmaster"],
    ...["moderator", "mod", "mods", "moderators", "admins", "administrators", "hubbub", "server", "service", "bot"],
    ...["everyone", "everybody", "all", "here", "channel", "room", "rooms", "group", "online"],
    ...["unknown", "deleted", "deleted-user", "anonymous", "nobody", "somebody", "user", "guest", "guests"],
    ...["null", "undefined", "none", "true", "false", "me", "self", "you", "api", "www", "mail", "noreply", "no-reply"],
  ].map(skeletonOf),
);

/** Names that speak for the server or stand for nobody in particular. `guest-…` belongs to guests. */
export function isReservedName(name: string): boolean {
  const skeleton = skeletonOf(name);
  return RESERVED.has(skeleton) || skeleton.startsWith(skeletonOf(`${GUEST_PREFIX}x`).slice(0, -1));
}
