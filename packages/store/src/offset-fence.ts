import { type Lease, LeaseLost, type WriterCommit } from "./store.ts";

/**
 * The first part of every statement that commits a batch; `offsetFence` has its parameters, $1 to $4. Without the shard's row
 * under this token and at this offset it inserts nothing; then the writer acquires the lease and reads from there.
 *
 * `acquire` updates the same row: either the new owner waits for this batch and then reads its offset, or this statement
 * waits, re-checks the token and finds it gone. `synchronous_commit` holds for this transaction, without a round trip.
 */
export function heldAs(strength: WriterCommit): string {
  return `held as (
      update hubbub.shards set "offset" = $4 where shard = $1 and token = $2 and "offset" = $3
      returning shard, set_config('synchronous_commit', '${strength}', true)
    )`;
}

/** `offset`: of the end of the batch. */
export function offsetFence({ shard, token, offset: from }: Lease, offset: string): unknown[] {
  return [shard, token, from, offset];
}

/** `held`: the rows that the statement returned of `held`. @throws LeaseLost */
export function assertHeld(held: readonly object[], { shard, token, offset }: Lease): void {
  if (held.length === 0) throw new LeaseLost(`shard ${shard} is no longer held under token ${token} at ${offset}`);
}
