import type { Anomalies, AnomalyKind } from "./anomalies.ts";
import type { ClientCursor } from "./client-cursor.ts";
import { type Claim, isServerMade, type RoomFacts } from "./room-facts.ts";

/** What can be said of a room only when everything is known. */
export function judgeRoom(room: RoomFacts, cursors: readonly ClientCursor[], anomalies: Anomalies): void {
  const report = (kind: AnomalyKind, what: string) => anomalies.add(kind, `room ${room.name}: ${what}`);
  judgeAcked(room, report);
  for (const [seq, claim] of room.claims) if (!room.reused.has(seq)) judgeClaim(room, seq, claim, report);
  judgeRows(room, report);
  judgeMarks(room, report);
  for (const cursor of cursors) if (cursor.isPresent) judgePresent(room, cursor, report);
}

type Report = (kind: AnomalyKind, what: string) => void;

function judgeAcked({ sendings, seqsOf, buried }: RoomFacts, report: Report): void {
  for (const [id, { acked }] of sendings) {
    if (acked === null || seqsOf.has(id) || buried.has(id)) continue;
    report("lostAcked", `${id}, acked as ${acked.seq} of epoch ${acked.epoch}`);
  }
}

/** An event that was seen live, or acked, against what is stored. */
function judgeClaim(room: RoomFacts, seq: number, claim: Claim, report: Report): void {
  const { id, epoch } = claim;
  if (!claim.isServerMade) judgeOrigin(room, seq, id, report);
  const row = room.rows.get(seq);
  if (row?.id === id || (row !== undefined && row.kind === "tombstone")) {
    if (row.epoch !== epoch)
      report("historyDiffers", `${seq} was of epoch ${epoch} live and is of ${row.epoch} stored`);
    return;
  }
  const elsewhere = room.seqsOf.get(id)?.find((stored) => stored !== seq);
  const again = elsewhere === undefined ? undefined : room.rows.get(elsewhere);
  if (row !== undefined && (again === undefined || again.epoch > epoch)) {
    report("reusedSeq", `${seq} was ${id} live and is ${row.id} stored`);
    return;
  }
  if (again !== undefined && again.epoch <= epoch) {
    report("historyDiffers", `${id} was ${seq} live and is ${elsewhere} stored`);
    return;
  }
  judgeMissing(room, seq, claim, report);
}

/** There is no row where it was seen. Numbers that were lost come again under a later epoch: that is no fault. */
function judgeMissing(room: RoomFacts, seq: number, { id, epoch }: Claim, report: Report): void {
  if (room.buried.has(id)) return;
  for (const [known, mark] of room.marks) {
    if (known > epoch || mark < seq) continue;
    report("markWithoutRow", `${id} at ${seq}, told to be durable by ${mark}`);
    break;
  }
  const wasRolledBack = room.epoch > epoch;
  const isAcked = (room.sendings.get(id)?.acked ?? null) !== null;
  if (wasRolledBack || isAcked || room.seqsOf.has(id)) return;
  report("historyDiffers", `${id} was ${seq} live and is not stored`);
}

function judgeOrigin({ sendings }: RoomFacts, seq: number, id: string, report: Report): void {
  const sending = sendings.get(id);
  if (sending === undefined) report("phantom", `${id} at ${seq} was never sent`);
  else if (sending.acked === null && sending.refusals === sending.attempts) {
    report("phantom", `${id} at ${seq} was refused`);
  }
}

function judgeRows(room: RoomFacts, report: Report): void {
  for (const [id, seqs] of room.seqsOf) {
    if (seqs.length > 1) report("duplicateStored", `${id} at ${seqs.join(", ")}`);
  }
  for (const [seq, { id, kind }] of room.rows) {
    const wasSeen = room.claims.get(seq)?.id === id;
    if (!wasSeen && !isServerMade(kind)) judgeOrigin(room, seq, id, report);
  }
}

function judgeMarks(room: RoomFacts, report: Report): void {
  let newest = 0;
  for (const seq of room.rows.keys()) newest = Math.max(newest, seq);
  for (const mark of room.marks.values()) {
    if (mark > newest) report("markWithoutRow", `durable up to ${mark}, stored up to ${newest}`);
  }
}

function judgePresent(room: RoomFacts, cursor: ClientCursor, report: Report): void {
  const missing = new Set<number>();
  for (const seq of room.rows.keys()) if (seq > cursor.at) missing.add(seq);
  for (const [seq, { epoch }] of room.claims) if (seq > cursor.at && epoch >= room.epoch) missing.add(seq);
  for (const seq of missing) report("undelivered", `${seq} to ${cursor.name}, who is at ${cursor.at}`);
}
