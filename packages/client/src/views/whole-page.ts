import type { HistoryPage } from "@hubbub/protocol";
import type { HistoryQuery } from "../http.ts";
import { HubbubError } from "../hubbub-error.ts";
import type { Room } from "../room.ts";

/**
 * A page that has everything of its range up to `upTo`. While the log is away a page has what is stored, and that may end earlier.
 * @throws HubbubError unavailable: it does
 */
export async function wholePage(room: Pick<Room, "history">, query: HistoryQuery, upTo: number): Promise<HistoryPage> {
  const page = await room.history(query);
  if (page.partial && page.head < upTo) throw new HubbubError("unavailable");
  return page;
}
