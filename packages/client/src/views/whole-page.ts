import type { HistoryPage } from "@hubbub/protocol";
import type { HistoryQuery } from "../http.ts";
import { HubbubError } from "../hubbub-error.ts";
import type { Room } from "../room.ts";

/**
 * A page that has everything of its range up to `upTo`. While the log is away a page has what is stored, and that may end earlier.
 * If the room went on in another epoch meanwhile, it is read again: what was not stored may have come back at another place.
 * @throws HubbubError unavailable: it ends earlier
 */
export async function wholePage(
  room: Pick<Room, "history" | "position">,
  query: HistoryQuery,
  upTo: number,
): Promise<HistoryPage> {
  for (;;) {
    const before = room.position?.epoch;
    const page = await room.history(query);
    if (room.position?.epoch !== before) continue;
    if (page.partial && page.head < upTo) throw new HubbubError("unavailable");
    return page;
  }
}
