import type { InspectedHead, LogInspection } from "@hubbub/broker";
import { positionOf } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Audit, RowHead } from "./audit.ts";
import { compareWithRows, withoutLaterRow } from "./compare-events.ts";
import type { Look } from "./findings.ts";
import { gently } from "./pacing.ts";
import { readFrame } from "./same-event.ts";

const PAGE_EVENTS = 500;
/** Events of one tail that are no rows yet; further ones wait, uncounted, for the writer and for another run. */
const UNSTORED_MAX = 10_000;

export interface Tail {
  /** Events that had no row when the tail was read. */
  readonly unstored: readonly RoomEvent[];
  /** Everything that was in the tail by then is committed. */
  readonly isCommitted: boolean;
}

interface Sources {
  readonly audit: Audit;
  readonly log: LogInspection;
}

/** Compares the tail of a room with its rows. Read before the newest row is asked for. */
export async function readTail({ audit, log }: Sources, room: RoomId, look: Look): Promise<Tail> {
  const unstored: RoomEvent[] = [];
  for (let after = 0; unstored.length < UNSTORED_MAX; ) {
    const page = await gently(() => log.tail(room, after, PAGE_EVENTS));
    const events = page.flatMap(({ seq, frame }) => {
      const event = readFrame(frame.toString());
      if (event?.seq === seq) return [event];
      look.note("unreadable", `${room}/${seq}`, `room ${room}: ${seq} in the tail`);
      return [];
    });
    unstored.push(...(await compareWithRows(audit, room, events, look)));
    look.count("tailEvents", page.length);
    if (page.length < PAGE_EVENTS) break;
    after = page.at(-1)?.seq ?? after;
  }
  return { unstored, isCommitted: unstored.length > 0 && (await isCommitted({ audit, log }, log.shardOf(room))) };
}

/** Whether the writer has committed all that the shard's log holds now. */
async function isCommitted({ audit, log }: Sources, shard: number): Promise<boolean> {
  const end = await log.end(shard);
  const committed = positionOf(await audit.offset(shard));
  return committed !== null && committed.log === end.log && committed.entry >= end.entry;
}

/**
 * What of the tail had to be a row and is none. Not those that are holes among the rows, which the rows themselves show, nor
 * those that a later epoch has under other numbers.
 */
export async function judgeUnstored(
  audit: Audit,
  room: RoomId,
  { unstored, isCommitted: isAllCommitted }: Tail,
  { newest, head, look }: { newest: RowHead; head: InspectedHead | null; look: Look },
): Promise<readonly RoomEvent[]> {
  const mark = head?.durable ?? 0;
  const due = unstored.filter(({ seq, epoch }) => {
    if (seq < newest.seq) return epoch !== newest.epoch && isAllCommitted;
    return isAllCommitted || (seq <= mark && epoch >= newest.epoch);
  });
  const missing = await compareWithRows(audit, room, due, look);
  const lost = await withoutLaterRow(audit, room, missing);
  for (const { seq, epoch, id } of lost) {
    look.fault("not-stored", `${room}/${seq}`, `room ${room}: ${id} at ${seq} of epoch ${epoch}`);
  }
  return lost;
}
