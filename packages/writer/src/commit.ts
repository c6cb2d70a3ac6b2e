import type { Lease } from "@hubbub/store";
import type { Slice } from "./slice.ts";
import type { WriterContext } from "./writer-context.ts";

/** One transaction: the rows of a slice, its burial, or nothing but the offset, and the lease's new offset, which it answers. */
export async function commit(context: WriterContext, lease: Lease, slice: Slice): Promise<string> {
  const { store, meters, log } = context;
  const offset = slice.entries.at(-1)?.offset ?? lease.offset;
  if (slice.kind === "run") {
    const stop = meters.batchSeconds.startTimer();
    await store.events.append({ lease, offset, events: slice.events });
    stop();
    meters.batchRows.observe(slice.events.length);
    meters.rows.inc(slice.events.length);
    return offset;
  }
  if (slice.kind === "skipped") {
    await store.events.append({ lease, offset, events: [] });
    return offset;
  }
  const [{ frame }] = slice.entries;
  await store.events.bury({ lease, offset }, { offset, frame, error: slice.error });
  meters.deadLetters.inc();
  log.error({ shard: lease.shard, offset, reason: slice.error }, "entry buried as a dead letter");
  return offset;
}
