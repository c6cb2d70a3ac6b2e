import { HubbubError, type HubbubHttp } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";

/** Pages of a search that are followed: its work is bounded, so a page may be empty and not the last. */
const SEARCH_PAGES_MAX = 5;
/** Halvings of the numbers of a room: more than a seq has bits. */
const STEPS_MAX = 60;

export interface DateSource {
  readonly room: RoomId;
  readonly http: Pick<HubbubHttp, "history" | "search">;
  /** Seqs above it were sent later than any date that is asked for. */
  readonly head: number;
}

/**
 * The seq of an event that was sent before `date` (Unix ms), and behind which the first one of that time comes; 0: nothing
 * is older. The HTTP history knows seqs only, so the search tells the place, in one call. A server without search is
 * asked by halving.
 */
export async function seqBefore(source: DateSource, date: number): Promise<number> {
  try {
    return (await bySearch(source, date)) ?? (await byHalving(source, date));
  } catch (error) {
    if (!(error instanceof HubbubError) || error.code !== "unsupported") throw error;
    return byHalving(source, date);
  }
}

/** undefined: the search gave up. */
async function bySearch({ room, http }: DateSource, date: number): Promise<number | undefined> {
  const query = `in:${room} before:${new Date(date).toISOString()}`;
  let cursor: string | undefined;
  for (let page = 0; page < SEARCH_PAGES_MAX; page += 1) {
    const answer = await http.search(query, cursor);
    const [newest] = answer.results;
    if (newest !== undefined) return newest.seq;
    cursor = answer.cursor;
    if (cursor === undefined) return 0;
  }
  return undefined;
}

/** Times rise with seqs. Numbers that were never given are passed over by what the history answers. */
async function byHalving({ room, http, head }: DateSource, date: number): Promise<number> {
  let [older, newer] = [0, head + 1];
  for (let step = 0; step < STEPS_MAX && newer - older > 1; step += 1) {
    const middle = older + Math.floor((newer - older) / 2);
    const event = (await http.history(room, { before: middle + 1, limit: 1 })).messages.at(-1);
    if (event === undefined || event.seq <= older) older = middle;
    else if (event.at < date) older = middle;
    else newer = event.seq;
  }
  return older;
}
