import type { RoomId } from "@hubbub/protocol";
import { APPEND_CHANGES } from "./append-changes.ts";
import { type Database, type Statement, single } from "./database.ts";
import { type EventRow, toColumns, toEvent } from "./event-row.ts";
import { ask, moveWith } from "./move.ts";
import type { Lease, MovedEvent, WriterCommit } from "./store.ts";

/** A batch under way commits first; one that waits for the row has not seen what is told now, and its token is no longer good. */
const FENCE: Statement = {
  name: "shard-fence",
  text: `
    insert into hubbub.shards as held (shard, token, "offset", expires_at) values ($1, 1, '', clock_timestamp())
    on conflict (shard) do update set token = held.token + 1
    returning shard, token, "offset"`,
};

const ROWS: Statement = {
  name: "events-at",
  text: "select e.*, '' as username from hubbub.events e where e.room_id = $1 and e.seq = any($2::bigint[])",
};

/**
 * `append` of rows that are there changes none of them, and computes their projections anew. What is no row yet is only noted:
 * the log has it in front of the changes that name it.
 */
export async function tellMoved(
  database: Database,
  strength: WriterCommit,
  { shard, room, events }: { shard: number; room: RoomId; events: readonly MovedEvent[] },
): Promise<void> {
  await database.transaction(async (handle) => {
    const { token, offset } = single(await ask<Lease>(handle, FENCE, [shard]));
    const rows = await ask<EventRow>(handle, ROWS, [room, events.map(({ seq }) => seq)]);
    const stored = rows.map((row) => ({ ...toEvent(room, row), was: [] }));
    const moved = events.map(({ seq, user, was }) => ({ room, seq, by: { id: user }, kind: "message" as const, was }));
    const columns = toColumns(stored.filter(({ kind }) => kind === "message"));
    const lease = { shard, token: Number(token), offset };
    const values = [shard, lease.token, offset, offset, ...columns];
    await moveWith(handle, [APPEND_CHANGES[strength], values], { lease, events: moved });
  });
}
