import { namesIn } from "../../acts/acts.ts";

/** Commands of the chat that are no acts. */
const OWN =
  "usage keys members history reply react edit delete upload image file search pins rooms join leave close register quit";

/** All commands, by their names. */
export function commandNames(): string[] {
  const acts = (["people", "members", "room", "messages"] as const).flatMap((group) => namesIn(group));
  return [...new Set([...OWN.split(" "), ...acts])].sort();
}
