import type { HistoryPage, RoomEvent, UserId } from "@hubbub/protocol";
import type { HistoryQuery } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Earlier } from "./outbox-storage.ts";

const PAGE = 200;
/** A search through more events than these pages have is given up. */
const PAGES_MAX = 25;

export interface Sent {
  /** What arrived, by id. */
  readonly found: ReadonlyMap<string, RoomEvent>;
  /** Everything behind this seq was searched: an event that was given later and is not found never arrived. */
  readonly searchedFrom: number;
}

/** Which of these events of `me` arrived in their room, from the newest event back. */
export async function findSent(
  events: readonly (Earlier & { readonly id: string })[],
  me: UserId,
  history: (query: HistoryQuery) => Promise<HistoryPage>,
): Promise<Sent> {
  const wanted = new Set(events.map(({ id }) => id));
  const lowest = Math.min(...events.map(({ after }) => after));
  const found = new Map<string, RoomEvent>();
  let before: number | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await history({ before, limit: PAGE });
    // What is missing from a part of the history may still be on its way there.
    if (page.partial) throw new HubbubError("unavailable", "redis is unavailable");
    for (const event of page.messages) if (event.by.id === me && wanted.has(event.id)) found.set(event.id, event);
    const [first] = page.messages;
    if (first === undefined || page.cursor === undefined) return { found, searchedFrom: 0 };
    if (found.size === wanted.size || first.seq <= lowest + 1) return { found, searchedFrom: first.seq - 1 };
    before = first.seq;
  }
  return { found, searchedFrom: (before ?? 1) - 1 };
}
