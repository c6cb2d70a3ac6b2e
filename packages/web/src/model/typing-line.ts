import type { PublicUser } from "@hubbub/protocol";

/** People that are named. */
const NAMES_MAX = 3;

/** Who types, in words; "" for nobody. */
export function typingLine(users: readonly PublicUser[]): string {
  const names = users.map(({ username }) => username);
  const [first = "", second] = names;
  if (names.length > NAMES_MAX) return "Several people are typing…";
  if (second === undefined) return first === "" ? "" : `${first} is typing…`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…`;
}
