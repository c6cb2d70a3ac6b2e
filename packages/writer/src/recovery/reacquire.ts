import type { Lease } from "@hubbub/store";
import type { DeletedTexts } from "../deleted-texts.ts";
import type { Marks } from "../marks.ts";
import type { WriterContext } from "../settings.ts";
import type { ReplayFilter } from "./replay-filter.ts";

interface Former {
  readonly lease: Lease;
  /** The offset of the last attempted commit. */
  readonly attempted: string;
  readonly marks: Marks;
  readonly deleted: DeletedTexts;
  readonly replays: ReplayFilter;
}

/**
 * Acquires the lease again; null: another writer holds the shard. If the store has moved, the replay filter compares again. If
 * this writer did not move it, pending marks are dropped.
 */
export async function reacquire(context: WriterContext, former: Former): Promise<Lease | null> {
  const { store, owner, settings, logger } = context;
  const { shard, token, offset } = former.lease;
  const lease = await store.shards.acquire(shard, owner, settings.WRITER_LEASE_MS);
  if (lease === null) {
    logger.warn({ shard, fence: token }, "lease lost");
    return null;
  }
  if (lease.offset === offset) return lease;
  former.replays.storeMoved();
  // A store at a position that this writer did not commit has fallen back, or has another log: rows of pending marks
  // may be gone, and the tail has the only copy of their events. The replay deletes the texts again.
  if (lease.offset !== former.attempted) {
    former.marks.clear();
    former.deleted.clear();
  }
  return lease;
}
