import type { EventId, HistoryPage, UserId } from "@hubbub/protocol";
import type { HistoryQuery } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";

const PAGE = 200;

export interface Found {
  readonly ids: ReadonlySet<EventId>;
  /** The room is in this one now. */
  readonly epoch: number;
}

/** Which of these own events, acked at these seqs, are in the room's history. Reads from the lowest to the highest. */
export async function findStored(
  sought: readonly { readonly id: EventId; readonly seq: number }[],
  me: UserId,
  history: (query: HistoryQuery) => Promise<HistoryPage>,
): Promise<Found> {
  const ids = new Set<EventId>();
  let now = 0;
  const last = Math.max(...sought.map(({ seq }) => seq));
  let after = Math.min(...sought.map(({ seq }) => seq)) - 1;
  while (after < last) {
    const { messages, partial, epoch } = await history({ after, limit: PAGE });
    // What is missing from a part of the history may still be on its way there: to send it again could double it.
    if (partial) throw new HubbubError("unavailable", "redis is unavailable");
    now = epoch;
    for (const event of messages) if (event.by.id === me) ids.add(event.id);
    const end = messages.at(-1)?.seq;
    if (end === undefined || end <= after) break;
    after = end;
  }
  return { ids, epoch: now };
}
