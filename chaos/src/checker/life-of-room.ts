import type { AnomalyKind } from "./anomalies.ts";
import type { Counts } from "./check.ts";
import type { ClientCursor } from "./client-cursor.ts";
import type { HistoryRecord, RecordOf } from "./records.ts";
import { DOUBTFUL_CODES, isServerMade } from "./room-facts.ts";

interface Told {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

interface Saying {
  readonly digest: number;
  attempts: number;
  refusals: number;
  readonly acks: Told[];
  /** What its sender had an ack for when it sent this first. */
  readonly behind: Told | null;
}

interface Seat {
  readonly cursor: ClientCursor;
  /** Numbers that it received, as events. */
  readonly received: Set<string>;
  lastAck: Told | null;
}

type Report = (kind: AnomalyKind, what: string) => void;

/** What all clients and the store say of one room over its lives. */
export class LifeOfRoom {
  readonly name: string;
  readonly #report: Report;
  readonly #setBacks: RecordOf<"setBack">[] = [];
  readonly #sayings = new Map<string, Saying>();
  /** The id that a number stands for, and when it was accepted, or its first ack came; null: only the store has it. */
  readonly #numbers = new Map<string, { readonly id: string; readonly told: Told; readonly isSaid: boolean }>();
  readonly #rows = new Map<string, RecordOf<"stored">[]>();
  readonly #buried = new Set<string>();
  readonly #seats = new Map<string, Seat>();
  /** The highest mark, by the epoch that its hearer knew of. */
  readonly #marks = new Map<number, number>();
  #received = 0;
  #taken = 0;

  constructor(name: string, report: Report) {
    this.name = name;
    this.#report = report;
  }

  hear(record: HistoryRecord, newCursor: (client: string) => ClientCursor): void {
    switch (record.type) {
      case "setBack":
        this.#setBacks.push(record);
        break;
      case "buried":
        this.#buried.add(record.id);
        break;
      case "stored":
        this.#rows.set(record.id, [...(this.#rows.get(record.id) ?? []), record]);
        this.#compare(record.id, record.digest, "stored");
        break;
      default:
        this.#heard(record, this.#seat(record.client, newCursor));
    }
  }

  judge(): void {
    for (const { cursor } of this.#seats.values()) cursor.finish();
    for (const [id, rows] of this.#rows) this.#judgeRows(id, rows);
    for (const [number, { id, told, isSaid }] of this.#numbers) if (isSaid) this.#judgeTold(number, id, told);
    for (const [id, { acks }] of this.#sayings) this.#judgeAcks(id, acks);
    for (const seat of this.#seats.values()) if (seat.cursor.isPresent) this.#judgePresent(seat);
  }

  get counts(): Counts {
    const sayings = [...this.#sayings.values()];
    const cursors = [...this.#seats.values()].map(({ cursor }) => cursor);
    return {
      sent: sayings.length,
      acked: sayings.filter(({ acks }) => acks.length > 0).length,
      unknown: sayings.filter(({ acks, refusals, attempts }) => acks.length === 0 && refusals < attempts).length,
      received: this.#received,
      stored: this.#rows.size,
      buried: this.#buried.size,
      announced: cursors.reduce((sum, { announced }) => sum + announced, 0),
      rooms: 1,
      subscriptions: cursors.length,
      present: cursors.filter(({ isPresent }) => isPresent).length,
      epochs: new Set([...this.#numbers.values()].map(({ told }) => told.epoch)).size,
      taken: this.#taken,
    };
  }

  #heard(record: Exclude<HistoryRecord, RecordOf<"setBack" | "buried" | "stored">>, seat: Seat): void {
    const { cursor } = seat;
    switch (record.type) {
      case "sent":
        this.#sent(record, seat);
        break;
      case "refused":
        if (!DOUBTFUL_CODES.has(record.code)) this.#refused(record.id);
        break;
      case "acked":
        this.#claim(record, record.id, true);
        this.#acked(record, seat);
        break;
      case "received":
        this.#received += 1;
        this.#claim(record, record.id, !isServerMade(record.kind));
        this.#compare(record.id, record.digest, `received by ${record.client}`);
        seat.received.add(numberOf(record));
        cursor.received(record.seq);
        cursor.epoch = record.epoch;
        break;
      case "subscribing":
        cursor.subscribing(record.since?.seq ?? null);
        break;
      case "subscribed":
        cursor.subscribed(record.head);
        cursor.epoch = record.epoch;
        break;
      case "gap":
        cursor.gap(record.from, record.to);
        break;
      case "epoch":
        cursor.renumbered(record.epoch, record.head);
        break;
      case "durable":
        this.#marks.set(cursor.epoch, Math.max(this.#marks.get(cursor.epoch) ?? 0, record.seq));
        break;
      case "present":
        cursor.isPresent = true;
        break;
    }
  }

  #sent({ id, digest }: RecordOf<"sent">, { lastAck }: Seat): void {
    const known = this.#sayings.get(id);
    if (known !== undefined) known.attempts += 1;
    else this.#sayings.set(id, { digest, attempts: 1, refusals: 0, acks: [], behind: lastAck });
  }

  #refused(id: string): void {
    const saying = this.#sayings.get(id);
    if (saying !== undefined) saying.refusals += 1;
  }

  #acked(record: RecordOf<"acked">, seat: Seat): void {
    const saying = this.#sayings.get(record.id);
    if (saying === undefined) return;
    const { behind } = saying;
    if (behind !== null && behind.epoch === record.epoch && record.seq <= behind.seq)
      this.#report("senderOrder", `${record.id} of ${record.client} is ${record.seq}, behind ${behind.seq}`);
    saying.acks.push(record);
    if (seat.lastAck?.epoch !== record.epoch || seat.lastAck.seq < record.seq) seat.lastAck = record;
  }

  #claim(told: Told, id: string, isSaid: boolean): void {
    const number = numberOf(told);
    const known = this.#numbers.get(number);
    if (known === undefined) this.#numbers.set(number, { id, told, isSaid });
    else if (known.id !== id) this.#report("reusedSeq", `${number} is ${known.id} and ${id}`);
  }

  #compare(id: string, digest: number, where: string): void {
    const saying = this.#sayings.get(id);
    if (digest !== 0 && saying !== undefined && saying.digest !== digest) this.#report("altered", `${id} as ${where}`);
  }

  #judgeRows(id: string, rows: readonly RecordOf<"stored">[]): void {
    if (rows.length > 1) this.#report("duplicateStored", `${id} at ${rows.map(({ seq }) => seq).join(", ")}`);
    for (const row of rows) {
      const number = numberOf(row);
      const known = this.#numbers.get(number);
      if (known === undefined) this.#numbers.set(number, { id, told: { ...row, at: 0 }, isSaid: false });
      else if (known.id !== id && row.kind !== "tombstone")
        this.#report("reusedSeq", `${number} was ${known.id} live and is ${id} stored`);
      if (!isServerMade(row.kind)) this.#judgeOrigin(number, id);
    }
  }

  #judgeOrigin(number: string, id: string): void {
    const saying = this.#sayings.get(id);
    if (saying === undefined) this.#report("phantom", `${id} at ${number} was never sent`);
    else if (saying.acks.length === 0 && saying.refusals === saying.attempts)
      this.#report("phantom", `${id} at ${number} was refused`);
  }

  #judgeTold(number: string, id: string, told: Told): void {
    this.#judgeOrigin(number, id);
    if (this.#isKept(id) || this.#mayBeTaken(told)) return;
    if ((this.#marks.get(told.epoch) ?? 0) >= told.seq) this.#report("markWithoutRow", `${id} at ${number}`);
    else if (this.#sayings.get(id)?.acks.length === 0)
      this.#report("historyDiffers", `${id} was ${number} live and is not stored`);
  }

  #judgeAcks(id: string, acks: readonly Told[]): void {
    if (acks.length === 0 || this.#isKept(id)) return;
    const kept = acks.find((ack) => !this.#mayBeTaken(ack));
    if (kept !== undefined) this.#report("lostAcked", `${id}, acked as ${numberOf(kept)} outside of what was set back`);
    else this.#taken += 1;
  }

  #judgePresent({ cursor, received }: Seat): void {
    const last = Math.max(...this.#setBacks.map(({ at }) => at));
    for (const [number, { id, told }] of this.#numbers) {
      const isStored = this.#rows.get(id)?.some((row) => numberOf(row) === number) === true;
      if (isStored && (told.seq > cursor.at || told.at > last) && !received.has(number))
        this.#report("undelivered", `${number} to ${cursor.name}, who is at ${cursor.epoch}:${cursor.at}`);
      if (received.has(number) && !this.#isKept(id) && told.epoch === cursor.epoch && this.#mayBeTaken(told))
        this.#report("unannouncedGap", `${cursor.name} was not told that ${number} is gone`);
    }
  }

  #isKept(id: string): boolean {
    return this.#rows.has(id) || this.#buried.has(id);
  }

  #mayBeTaken({ at }: Told): boolean {
    return this.#setBacks.some((setBack) => setBack.copiedAt <= at && at <= setBack.at);
  }

  #seat(client: string, newCursor: (client: string) => ClientCursor): Seat {
    let seat = this.#seats.get(client);
    if (seat === undefined) {
      seat = { cursor: newCursor(client), received: new Set(), lastAck: null };
      this.#seats.set(client, seat);
    }
    return seat;
  }
}

function numberOf({ epoch, seq }: { readonly epoch: number; readonly seq: number }): string {
  return `${epoch}:${seq}`;
}
