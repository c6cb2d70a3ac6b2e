import type { RoomEvent } from "@hubbub/protocol";
import { pause } from "@hubbub/runtime";
import type { JobContext, Work } from "./job-context.ts";

/** Events in one read. */
const PAGE = 500;
/** A task takes at most this part of one connection to the database: it rests for so many times as long as a page took. */
const REST = 2;

/** Every event of the room that the user may read, up to its present head, in pages with rests. Tells the progress. */
export async function* pagesOf(
  { broker, history, store }: JobContext,
  { task, signal, from, progress }: Work,
): AsyncGenerator<readonly RoomEvent[]> {
  const [logHead] = await broker.heads([task.room]);
  const head = Math.max(logHead?.seq ?? 0, (await store.events.head(task.room)).seq);
  for (let at = from; at < head; ) {
    signal.throwIfAborted();
    const begunAt = performance.now();
    const { events, to } = await history.after(task.room, at, head, PAGE);
    yield events.map(({ frame }) => JSON.parse(frame.toString()) as RoomEvent);
    at = to;
    progress(Math.min(at, head) - from, head - from);
    await pause((performance.now() - begunAt) * REST, signal);
  }
}
