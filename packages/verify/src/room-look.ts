import type { InspectedHead, LogInspection } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Audit, RowHead } from "./audit.ts";
import type { Authors } from "./authors.ts";
import { findDuplicates } from "./duplicates.ts";
import { type CountListener, Look } from "./findings.ts";
import { lookAtProjection } from "./projection-look.ts";
import { RepeatedKeys } from "./repeated-keys.ts";
import { scanRows } from "./row-scan.ts";
import { judgeUnstored, readTail, type Tail } from "./tail-look.ts";

export interface Sources {
  readonly audit: Audit;
  /** null: the rows alone. */
  readonly log: LogInspection | null;
  /** By how much an epoch begins at least above what is known; 0: embedded, where nothing that got a number can be lost. */
  readonly epochJump: number;
  readonly authors: Authors;
  /** Between two looks at what seems wrong; a second, unless a test has nothing to wait for. */
  readonly againMs?: number | undefined;
  readonly onCount?: CountListener | undefined;
}

const NO_TAIL: Tail = { unstored: [], isCommitted: false };

/**
 * One room. The order of the reads is what makes the comparison hold while the room is in motion: the mark before the
 * newest row, which is never older than a mark that was told; the tail before it, too; the head of the numbering after it.
 */
export async function lookAtRoom(sources: Sources, room: RoomId): Promise<Look> {
  const { audit, log, authors } = sources;
  const look = new Look(sources.onCount);
  look.count("rooms", 1);
  const marked = (await log?.head(room)) ?? null;
  const tail = log === null || marked === null ? NO_TAIL : await readTail({ audit, log }, room, look);
  const newest = await audit.newest(room);
  const numbering = (await log?.head(room)) ?? null;
  const lost = await judgeUnstored(audit, room, tail, { newest, head: marked, look });
  if (numbering !== null) look.count("heads", 1);
  judgeHeads(room, { marked, numbering, newest, lost, look });
  if (newest.seq === 0) return look;
  const epochs = await audit.epochs(room);
  look.count("epochs", epochs.length);
  const keys = new RepeatedKeys();
  await scanRows(audit, { room, newest, epochs, jump: sources.epochJump, keys, authors, look });
  await findDuplicates(audit, { room, to: newest.seq, keys, look });
  await lookAtProjection(audit, room, look);
  return look;
}

interface Heads {
  readonly marked: InspectedHead | null;
  readonly numbering: InspectedHead | null;
  readonly newest: RowHead;
  /** Events above the newest row that are reported as missing: the mark is right about them. */
  readonly lost: readonly RoomEvent[];
  readonly look: Look;
}

function judgeHeads(room: RoomId, { marked, numbering, newest, lost, look }: Heads): void {
  if (marked !== null && marked.durable > newest.seq && !lost.some(({ seq }) => seq > newest.seq)) {
    look.fault("mark-ahead", room, `room ${room}: durable up to ${marked.durable}, stored up to ${newest.seq}`);
  }
  // What is of an earlier run of Redis is numbered anew before it numbers anything.
  if (numbering?.isCurrent && (numbering.seq < newest.seq || numbering.epoch < newest.epoch)) {
    const [redis, rows] = [`${numbering.seq} of epoch ${numbering.epoch}`, `${newest.seq} of epoch ${newest.epoch}`];
    look.fault("head-behind", room, `room ${room}: Redis is at ${redis}, stored are ${rows}`);
  }
}
