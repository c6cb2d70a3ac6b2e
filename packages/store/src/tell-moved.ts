import type { RoomEvent, UserId } from "@hubbub/protocol";
import { APPEND_CHANGES } from "./append-changes.ts";
import { ask, type Database, type Statement, single } from "./database.ts";
import { moveWith } from "./move.ts";
import { toParameters } from "./search-journal.ts";
import type { Lease, MovedEvent, WriterCommit } from "./store.ts";

/** A batch under way commits first; one that waits for the row has not seen what is told now, and its token is no longer good. */
const FENCE: Statement = {
  name: "shard-fence",
  text: `
    insert into hubbub.shards as held (shard, token, "offset", expires_at) values ($1, 1, '', clock_timestamp())
    on conflict (shard) do update set token = held.token + 1
    returning shard, token, "offset"`,
};

/**
 * Computes the projections of these messages anew, also of those that are no rows yet: their changes may be stored before
 * them. Until they are, the log has them; its writer finds the token raised, and reads them as such.
 */
export async function tellMoved(
  database: Database,
  strength: WriterCommit,
  { shard, events }: { readonly shard: number; readonly events: readonly MovedEvent[] },
): Promise<void> {
  await database.transaction(async (handle) => {
    const { token, offset } = single(await ask<Lease>(handle, FENCE, [shard]));
    const moved = events.map(({ user, ...event }) => ({ ...event, by: { id: user }, kind: "message" as const }));
    const lease = { shard, token: Number(token), offset };
    const values = [shard, lease.token, offset, offset, ...toParameters(moved.map(withoutId))];
    await moveWith(handle, [APPEND_CHANGES[strength], values], { lease, events: moved });
  });
}

/** Of an event only what its projection depends on. */
function withoutId({
  room,
  seq,
  by,
  kind,
}: Pick<RoomEvent, "room" | "seq" | "kind"> & { by: { id: UserId } }): RoomEvent {
  return { room, seq, by, kind, epoch: 0, at: 0, id: null, was: [] } as unknown as RoomEvent;
}
