import type { AppendBatch } from "@hubbub/store";
import type { WriterContext } from "../settings.ts";
import type { Poison, Run, Skipped, Slice } from "../slice.ts";

/** A run that the store refused, as smaller ones: in the end the entry that is to blame stands alone. */
export function bisect({ entries, events }: Run, cause: unknown): Slice[] {
  const middle = Math.floor(entries.length / 2);
  const error = cause instanceof Error ? cause.message : String(cause);
  if (middle === 0) return entries.map((entry) => ({ kind: "poison", entries: [entry], error }));
  return [
    { kind: "run", entries: entries.slice(0, middle), events: events.slice(0, middle) },
    { kind: "run", entries: entries.slice(middle), events: events.slice(middle) },
  ];
}

/** One transaction: a dead letter, or no rows; and the offset of the lease. */
export async function commitWithoutEvents(
  { store, meters, logger }: WriterContext,
  batch: Omit<AppendBatch, "events">,
  slice: Poison | Skipped,
): Promise<void> {
  if (slice.kind === "skipped") return void (await store.events.append({ ...batch, events: [] }));
  const [{ frame }] = slice.entries;
  const { offset, lease } = batch;
  await store.events.deadLetter(batch, { offset, frame, error: slice.error });
  meters.deadLetters.inc();
  logger.error({ shard: lease.shard, offset, reason: slice.error }, "entry moved to dead letters");
}
