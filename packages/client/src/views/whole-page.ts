import type { HistoryPage } from "@hubbub/protocol";
import type { HistoryQuery } from "../http.ts";
import { HubbubError } from "../hubbub-error.ts";
import type { Room } from "../room.ts";
import type { TimelineLog } from "./timeline-log.ts";

interface Place {
  readonly room: Pick<Room, "history">;
  readonly log: Pick<TimelineLog, "epochNow">;
}

/**
 * A page that has everything of its range up to `upTo`. While the log is away a page has what is stored, and that may end earlier.
 * If the room went on in another epoch meanwhile, it is read again: what was not stored may have come back at another place.
 * @throws HubbubError unavailable: it ends earlier
 */
export async function wholePage({ room, log }: Place, query: HistoryQuery, upTo: number): Promise<HistoryPage> {
  for (;;) {
    const { epochNow } = log;
    const page = await room.history(query);
    if (log.epochNow !== epochNow) continue;
    if (page.partial && page.head < upTo) throw new HubbubError("unavailable");
    return page;
  }
}
