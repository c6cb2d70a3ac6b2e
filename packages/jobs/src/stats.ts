import type { JobContext, Outcome, Work } from "./job-context.ts";
import { pagesOf } from "./pages.ts";

/** Authors that are counted by name, and those that the result has. The room is told no names: its events stay. */
const AUTHORS_MAX = 10_000;
const AUTHORS_SHOWN = 20;
/** Counts all authors beyond the first `AUTHORS_MAX`. */
const OTHERS = "others";

/** How much was said in the room, by whom, and at which hours (UTC). */
export async function stats(context: JobContext, work: Work): Promise<Outcome> {
  const authors = new Map<string, number>();
  const hours = new Array<number>(24).fill(0);
  let [messages, edits, deletes, reactions] = [0, 0, 0, 0];
  for await (const page of pagesOf(context, work)) {
    for (const event of page) {
      if (event.kind === "edit") edits += 1;
      if (event.kind === "delete") deletes += 1;
      if (event.kind === "react" && !event.remove) reactions += 1;
      if (event.kind !== "message") continue;
      messages += 1;
      const hour = new Date(event.at).getUTCHours();
      hours[hour] = (hours[hour] ?? 0) + 1;
      const { username } = event.by;
      const author = authors.has(username) || authors.size < AUTHORS_MAX ? username : OTHERS;
      authors.set(author, (authors.get(author) ?? 0) + 1);
    }
  }
  const most = [...authors]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, AUTHORS_SHOWN)
    .map(([username, count]) => ({ username, count }));
  const counted = `${messages} ${messages === 1 ? "message" : "messages"} by ${authors.size}`;
  return {
    note: messages === 0 ? "no messages" : counted,
    result: { messages, edits, deletes, reactions, authors: authors.size, most, hours },
  };
}
