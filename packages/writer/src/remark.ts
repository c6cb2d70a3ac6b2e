import type { Broker, DurableMark, ShardLog } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import { headOf } from "./head.ts";

/**
 * Committed events that are read again at most: twice what the log keeps by default, about a second. With more of them rooms
 * get their next mark with their next event.
 */
const EVENTS_MAX = 200_000;
const READ_ROWS = 500;
const HEADS_PER_CALL = 1_000;

/**
 * The marks that a predecessor may have died on, between its commit and telling it. The log keeps what is committed for
 * a while: what of it the rooms' heads do not call durable yet is told again. Empty when the log does not hold `committed`.
 */
export async function untoldMarks(broker: Broker, log: ShardLog, committed: string): Promise<readonly DurableMark[]> {
  if (committed === "") return [];
  // The log goes on between the two answers: in this order that makes `held` more than there are, not less.
  const behind = await log.lag(committed);
  const held = (await log.lag("")) - behind;
  if (held > EVENTS_MAX) return [];
  const newest = await newestUpTo(log, committed, held);
  const rooms = [...newest.keys()];
  const untold: DurableMark[] = [];
  for (let at = 0; at < rooms.length; at += HEADS_PER_CALL) {
    const some = rooms.slice(at, at + HEADS_PER_CALL);
    const heads = await broker.heads(some);
    for (const [index, room] of some.entries()) {
      const seq = newest.get(room) ?? 0;
      if ((heads[index]?.durable ?? seq) < seq) untold.push({ room, seq });
    }
  }
  return untold;
}

/** Empty when `committed` is not among the first `held` entries: then nothing is known of them. */
async function newestUpTo(log: ShardLog, committed: string, held: number): Promise<ReadonlyMap<RoomId, number>> {
  const newest = new Map<RoomId, number>();
  let position = "";
  for (let left = held; left > 0; ) {
    const entries = await log.read(position, Math.min(READ_ROWS, left), 0);
    for (const { offset, frame } of entries) {
      const head = headOf(frame);
      if (head !== null) newest.set(head.room, head.seq);
      if (offset === committed) return newest;
      position = offset;
    }
    if (entries.length === 0) break;
    left -= entries.length;
  }
  return new Map();
}
