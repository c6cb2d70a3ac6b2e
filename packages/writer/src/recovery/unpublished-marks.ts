import type { DurableMark, RoomLog, ShardLog } from "@hubbub/broker";
import { type RoomId, readEventHead } from "@hubbub/protocol";
import type { EmptiedRoom } from "@hubbub/store";

/**
 * Upper bound of committed events to read again: twice what the log keeps by default, about a second. Beyond it, a room
 * gets its next mark with its next event.
 */
const EVENTS_MAX = 200_000;
const READ_ROWS = 500;
const HEADS_PER_CALL = 1_000;

interface Unpublished {
  readonly marks: readonly DurableMark[];
  /** Rooms with edits or deletions, by the newest of them: the former owner may not have dropped deleted texts. */
  readonly emptied: readonly (EmptiedRoom & { readonly stored: number })[];
}

const NOTHING: Unpublished = { marks: [], emptied: [] };

/**
 * Durable marks that a previous owner committed and may not have published. The log keeps committed entries for a
 * while; what the heads of their rooms do not call durable yet is published again. Empty when the log does not hold
 * `committed`.
 */
export async function unpublishedMarks(broker: RoomLog, log: ShardLog, committed: string): Promise<Unpublished> {
  if (committed === "") return NOTHING;
  // The log grows between the two calls: in this order `held` may be too high, never too low.
  const behind = await log.lag(committed);
  const held = (await log.lag("")) - behind;
  if (held > EVENTS_MAX) return NOTHING;
  const { newest, emptied } = await newestUpTo(log, committed, held);
  const rooms = [...newest.keys()];
  const unpublished: DurableMark[] = [];
  for (let at = 0; at < rooms.length; at += HEADS_PER_CALL) {
    const some = rooms.slice(at, at + HEADS_PER_CALL);
    const heads = await broker.heads(some);
    for (const [index, room] of some.entries()) {
      const seq = newest.get(room) ?? 0;
      if ((heads[index]?.durable ?? seq) < seq) unpublished.push({ room, seq });
    }
  }
  return {
    marks: unpublished,
    emptied: [...emptied].map(([room, seq]) => ({ room, seq, stored: newest.get(room) ?? seq })),
  };
}

interface Newest {
  readonly newest: ReadonlyMap<RoomId, number>;
  readonly emptied: ReadonlyMap<RoomId, number>;
}

/**
 * Within a text quotes are escaped, so that only the kind of an event matches, or the seqs that it lost: a message that was
 * offered again behind its deletion is stored without its text.
 */
const DELETES_TEXT = /"kind":"(?:edit|delete)"|"was":\[[\d,]+\]\}$/;

/** The newest seq of each room. Empty when `committed` is not among the first `held` entries. */
async function newestUpTo(log: ShardLog, committed: string, held: number): Promise<Newest> {
  const newest = new Map<RoomId, number>();
  const emptied = new Map<RoomId, number>();
  let position = "";
  for (let left = held; left > 0; ) {
    const entries = await log.read(position, Math.min(READ_ROWS, left), 0);
    for (const { offset, frame } of entries) {
      const head = readEventHead(frame);
      if (head !== null) newest.set(head.room, head.seq);
      if (head !== null && DELETES_TEXT.test(frame)) emptied.set(head.room, head.seq);
      if (offset === committed) return { newest, emptied };
      position = offset;
    }
    if (entries.length === 0) break;
    left -= entries.length;
  }
  return { newest: new Map(), emptied: new Map() };
}
