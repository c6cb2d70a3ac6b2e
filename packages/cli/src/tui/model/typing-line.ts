import type { PublicUser } from "@hubbub/protocol";

/** People that are named. */
const NAMES_MAX = 3;

/** Who types, in words; "" for nobody. */
export function typingLine(users: readonly PublicUser[]): string {
  const names = users.map(({ username }) => username);
  if (names.length === 0) return "";
  if (names.length > NAMES_MAX) return "several people are typing…";
  if (names.length === 1) return `${names[0]} is typing…`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…`;
}
