import type { AnomalyKind } from "../anomalies.ts";
import type { HistoryRecord, RecordOf } from "../records.ts";

/** Breaks a correct history in one way; null where it offers no place for that. `pick` chooses among the places. */
export type Fault = (records: readonly HistoryRecord[], pick: number) => HistoryRecord[] | null;

/** At least one for every kind of anomaly; each must be reported as that kind and no other. */
export const FAULTS: Readonly<Record<string, { readonly kind: AnomalyKind; readonly make: Fault }>> = {
  "an acked event is not stored": { kind: "lostAcked", make: loseRow },
  "the last delivery is lost": { kind: "undelivered", make: loseLastDelivery },
  "a delivery is lost and the next one comes": { kind: "unannouncedGap", make: loseDelivery },
  "a gap ends one seq too early": { kind: "unannouncedGap", make: shortenGap },
  "a resume is told a head that it was not brought to": { kind: "unannouncedGap", make: promiseTooMuch },
  "an event comes from nowhere": { kind: "phantom", make: (records, pick) => forgetSending(records, pick) },
  "a refused event is stored": { kind: "phantom", make: refuseAccepted },
  "a text is altered on its way": { kind: "altered", make: alterText },
  "an id is numbered twice": { kind: "duplicateStored", make: numberTwice },
  "a frame is sent twice": { kind: "duplicateDelivered", make: deliverTwice },
  "two frames are swapped": { kind: "reordered", make: swapDeliveries },
  "a seq is given to another event, as one client sees it": { kind: "reusedSeq", make: renameDelivery },
  "a seq is given to another event, as an ack says": { kind: "reusedSeq", make: ackLastSeq },
  "a seq was given to an event that is lost, and is stored as another": { kind: "reusedSeq", make: reuseInStore },
  "a row has another epoch than the live event": { kind: "historyDiffers", make: moveEpoch },
  "two rows are stored in the other order": { kind: "historyDiffers", make: swapRows },
  "a mark runs ahead of the store": { kind: "markWithoutRow", make: markAhead },
  "an event overtakes its sender's earlier one": { kind: "senderOrder", make: overtake },
};

function loseRow(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const acked = new Set(of(records, "acked").map(({ id }) => id));
  const row = choose(
    of(records, "stored").filter(({ id, kind }) => acked.has(id) && kind === "message"),
    pick,
  );
  if (row === null) return null;
  return records.filter((record) => record !== row && !(record.type === "durable" && record.seq >= row.seq));
}

function loseLastDelivery(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const present = choose(of(records, "present"), pick);
  const moves = records.filter((record) => present !== null && isMoveOf(record, present.client));
  const last = moves.at(-1);
  return last?.type === "received" ? records.filter((record) => record !== last) : null;
}

function loseDelivery(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const pair = choose(neighbours(records), pick);
  return pair === null ? null : records.filter((record) => record !== pair[0]);
}

function shortenGap(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const gap = choose(
    of(records, "gap").filter((record) => nextTurn(records, record)?.type === "received"),
    pick,
  );
  return gap === null || gap.from === gap.to ? null : replace(records, gap, { ...gap, to: gap.to - 1 });
}

function promiseTooMuch(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const last = choose(
    of(records, "received").filter((record) => nextTurn(records, record)?.type === "subscribed"),
    pick,
  );
  return last === null ? null : records.filter((record) => record !== last);
}

function forgetSending(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const stored = new Set(of(records, "stored").flatMap(({ id, kind }) => (kind === "message" ? [id] : [])));
  const sent = choose(
    of(records, "sent").filter(({ id }) => stored.has(id)),
    pick,
  );
  return sent === null ? null : records.filter((record) => record.type !== "sent" || record.id !== sent.id);
}

function refuseAccepted(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const stored = new Set(of(records, "stored").flatMap(({ id, kind }) => (kind === "message" ? [id] : [])));
  const acked = new Set(of(records, "acked").map(({ id }) => id));
  const sent = choose(
    of(records, "sent").filter(({ id }) => stored.has(id) && !acked.has(id)),
    pick,
  );
  if (sent === null) return null;
  const { client, room, id, at } = sent;
  return insertBehind(records, sent, [{ type: "refused", client, room, id, code: "overloaded", at }]);
}

function alterText(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const event = choose(
    of(records, "received").filter(({ digest }) => digest !== 0),
    pick,
  );
  return event === null ? null : replace(records, event, { ...event, digest: event.digest ^ 1 });
}

function numberTwice(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const row = choose(
    of(records, "stored").filter(({ kind }) => kind === "message"),
    pick,
  );
  const newest = of(records, "stored").reduce((most, { seq }) => Math.max(most, seq), 0);
  if (row === null || row.epoch !== newestEpoch(records)) return null;
  const { room, epoch, id, kind, digest } = row;
  const again = { room, epoch, id, kind, digest, seq: newest + 1 };
  if (of(records, "acked").some(({ seq }) => seq > newest)) return null;
  return records.flatMap((record): HistoryRecord[] =>
    record.type === "present"
      ? [{ type: "received", client: record.client, ...again, at: 0 }, record]
      : record === row
        ? [row, { ...row, ...again }]
        : [record],
  );
}

function deliverTwice(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const event = choose(of(records, "received"), pick);
  return event === null ? null : insertBehind(records, event, [event]);
}

function swapDeliveries(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const pair = choose(neighbours(records), pick);
  if (pair === null) return null;
  const [first, second] = pair;
  return records.map((record) => (record === first ? second : record === second ? first : record));
}

function renameDelivery(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const event = choose(
    of(records, "received").filter(
      (one) =>
        one.kind === "message" && of(records, "received").some((other) => other !== one && other.seq === one.seq),
    ),
    pick,
  );
  const other = choose(
    of(records, "sent").filter(({ id }) => id !== event?.id),
    pick,
  );
  if (event === null || other === null) return null;
  return replace(records, event, { ...event, id: other.id, digest: other.digest });
}

function ackLastSeq(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const last = of(records, "acked").reduce<RecordOf<"acked"> | null>(
    (most, one) => (one.seq > (most?.seq ?? 0) ? one : most),
    null,
  );
  const acked = new Set(of(records, "acked").map(({ id }) => id));
  const stored = new Set(of(records, "stored").map(({ id }) => id));
  const unheard = choose(
    of(records, "sent").filter(({ id, client }) => !acked.has(id) && stored.has(id) && client !== last?.client),
    pick,
  );
  if (last === null || unheard === null) return null;
  return insertBehind(records, last, [{ ...last, client: unheard.client, id: unheard.id }]);
}

function reuseInStore(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const acked = new Set(of(records, "acked").map(({ id }) => id));
  const seen = new Set(of(records, "received").map(({ id }) => id));
  const unheard = (row: RecordOf<"stored">) => !acked.has(row.id) && row.kind === "message";
  const lost = choose(
    of(records, "stored").filter((row) => unheard(row) && seen.has(row.id)),
    pick,
  );
  const other = choose(
    of(records, "stored").filter((row) => unheard(row) && !seen.has(row.id)),
    pick,
  );
  if (lost === null || other === null) return null;
  // No mark may cover the row that goes: that would be a fault of its own.
  const isGone = (record: HistoryRecord) => record === other || (record.type === "durable" && record.seq >= other.seq);
  return records
    .filter((record) => !isGone(record))
    .map((record) => (record === lost ? { ...lost, id: other.id, digest: other.digest } : record));
}

function moveEpoch(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const seen = new Set(of(records, "received").map(({ seq }) => seq));
  const row = choose(
    of(records, "stored").filter(({ seq }) => seen.has(seq)),
    pick,
  );
  return row === null ? null : replace(records, row, { ...row, epoch: row.epoch + 1 });
}

function swapRows(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const seen = new Set(of(records, "received").map(({ seq }) => seq));
  const rows = of(records, "stored").filter(({ kind }) => kind === "message");
  const first = choose(
    rows.filter(({ seq }) => seen.has(seq)),
    pick,
  );
  const second = rows.find(({ seq, epoch }) => first !== null && seq > first.seq && epoch === first.epoch);
  if (first === null || second === undefined || !seen.has(second.seq)) return null;
  return records.map((record) =>
    record === first ? { ...second, seq: first.seq } : record === second ? { ...first, seq: second.seq } : record,
  );
}

function markAhead(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const present = choose(of(records, "present"), pick);
  const newest = of(records, "stored").reduce((most, { seq }) => Math.max(most, seq), 0);
  if (present === null) return null;
  const { client, room } = present;
  return insertBehind(records, present, [{ type: "durable", client, room, seq: newest + 1 }]);
}

function overtake(records: readonly HistoryRecord[], pick: number): HistoryRecord[] | null {
  const first = choose(
    of(records, "acked").filter(({ isDuplicate }) => !isDuplicate),
    pick,
  );
  const second = of(records, "acked").find(
    (one) => first !== null && one.client === first.client && one.seq > first.seq && one.epoch === first.epoch,
  );
  if (first === null || second === undefined) return null;
  const sentAt = records.findIndex((record) => record.type === "sent" && record.id === second.id);
  const isOnce = (id: string) => of(records, "acked").filter((one) => one.id === id).length === 1;
  if (sentAt < records.indexOf(first) || second.isDuplicate || !isOnce(first.id) || !isOnce(second.id)) return null;
  if (of(records, "buried").some(({ id }) => id === first.id || id === second.id)) return null;
  if ([first, second].some(({ id }) => of(records, "stored").some((row) => row.id === id && row.epoch !== first.epoch)))
    return null;
  const digests = new Map(of(records, "sent").map(({ id, digest }) => [id, digest]));
  const renamed = new Map([
    [first.id, second.id],
    [second.id, first.id],
  ]);
  return records.map((record) => {
    if (record.type !== "acked" && record.type !== "received" && record.type !== "stored") return record;
    const id = renamed.get(record.id);
    if (id === undefined) return record;
    if (record.type !== "acked") return { ...record, id, digest: digests.get(id) ?? 0 };
    // Each ack stays where it was, with the other's number.
    const other = record === first ? second : first;
    return { ...record, seq: other.seq };
  });
}

function of<Type extends HistoryRecord["type"]>(records: readonly HistoryRecord[], type: Type): RecordOf<Type>[] {
  return records.filter((record): record is RecordOf<Type> => record.type === type);
}

function choose<Item>(items: readonly Item[], pick: number): Item | null {
  return items[pick % Math.max(1, items.length)] ?? null;
}

function isMoveOf(record: HistoryRecord, of: string): boolean {
  const isMove = record.type === "received" || record.type === "gap" || record.type === "subscribed";
  return isMove && record.client === of;
}

/** What moves the client next, or where it is moved. */
function nextTurn(records: readonly HistoryRecord[], record: RecordOf<"received" | "gap">): HistoryRecord | undefined {
  const behind = records.indexOf(record) + 1;
  return records.slice(behind).find((one) => "client" in one && one.client === record.client && isTurn(one));
}

/** Two deliveries to one client, one behind the other in one subscription. */
function neighbours(records: readonly HistoryRecord[]): [RecordOf<"received">, RecordOf<"received">][] {
  return of(records, "received").flatMap((first): [RecordOf<"received">, RecordOf<"received">][] => {
    const second = nextTurn(records, first);
    return second?.type === "received" ? [[first, second]] : [];
  });
}

function isTurn({ type }: HistoryRecord): boolean {
  return type === "received" || type === "gap" || type === "subscribing" || type === "subscribed";
}

function newestEpoch(records: readonly HistoryRecord[]): number {
  return records.reduce((most, record) => ("epoch" in record ? Math.max(most, record.epoch) : most), 0);
}

function replace(records: readonly HistoryRecord[], old: HistoryRecord, by: HistoryRecord): HistoryRecord[] {
  return records.map((record) => (record === old ? by : record));
}

function insertBehind(records: readonly HistoryRecord[], place: HistoryRecord, more: HistoryRecord[]): HistoryRecord[] {
  return records.flatMap((record) => (record === place ? [record, ...more] : [record]));
}
