import { Anomalies, type Anomaly, type AnomalyKind } from "./anomalies.ts";
import { ClientCursor } from "./client-cursor.ts";
import { judgeRoom } from "./judge-room.ts";
import type { HistoryRecord, RecordOf } from "./records.ts";
import { RoomFacts } from "./room-facts.ts";

export interface Verdict {
  readonly isClean: boolean;
  readonly anomalies: Partial<Record<AnomalyKind, Anomaly>>;
  readonly counts: Counts;
}

/** What the verdict rests on. */
export interface Counts {
  /** Events that were sent, however often. */
  sent: number;
  acked: number;
  /** Neither acked nor refused for good: may be stored once or not at all. */
  unknown: number;
  received: number;
  stored: number;
  buried: number;
  /** Seqs that clients were told not to wait for, each client counted. */
  announced: number;
  rooms: number;
  /** Pairs of a client and a room. */
  subscriptions: number;
  /** Of those: stayed to the end, and had to have everything. */
  present: number;
  epochs: number;
  /** Acked, and taken away by a restore: each of them announced by the change of the epoch. */
  taken?: number | undefined;
}

/** Pure. Nothing of it depends on the order of two clients' records. */
export function check(records: Iterable<HistoryRecord>): Verdict {
  const trial = new Trial();
  for (const record of records) trial.hear(record);
  return trial.judge();
}

class Trial {
  readonly #anomalies = new Anomalies();
  readonly #rooms = new Map<string, RoomFacts>();
  readonly #cursors = new Map<string, Map<string, ClientCursor>>();
  #received = 0;

  hear(record: HistoryRecord): void {
    const room = this.#room(record.room);
    switch (record.type) {
      case "sent":
      case "refused":
      case "acked":
      case "stored":
        hearOf(room, record);
        break;
      case "buried":
        room.buried.add(record.id);
        break;
      case "setBack":
        throw new TypeError("a history of several lives is for checkLives");
      case "received":
        this.#received += 1;
        room.received(record);
        move(this.#cursor(record), record);
        break;
      case "durable":
        room.marked(record.seq, this.#cursor(record).epoch);
        break;
      default:
        if ("epoch" in record) room.renumbered(record.epoch);
        move(this.#cursor(record), record);
    }
  }

  judge(): Verdict {
    for (const [name, room] of this.#rooms) {
      const cursors = [...(this.#cursors.get(name)?.values() ?? [])];
      for (const cursor of cursors) cursor.finish();
      judgeRoom(room, cursors, this.#anomalies);
    }
    const anomalies = this.#anomalies.found;
    return { isClean: Object.keys(anomalies).length === 0, anomalies, counts: this.#count() };
  }

  #count(): Counts {
    const rooms = [...this.#rooms.values()];
    const sendings = rooms.flatMap((room) => [...room.sendings.values()]);
    const cursors = [...this.#cursors.values()].flatMap((ofRoom) => [...ofRoom.values()]);
    const unanswered = sendings.filter(({ acked, attempts, refusals }) => acked === null && refusals < attempts);
    return {
      sent: sendings.length,
      acked: sendings.filter(({ acked }) => acked !== null).length,
      unknown: unanswered.length,
      received: this.#received,
      stored: sum(rooms.map((room) => room.rows.size)),
      buried: sum(rooms.map((room) => room.buried.size)),
      announced: sum(cursors.map(({ announced }) => announced)),
      rooms: rooms.length,
      subscriptions: cursors.length,
      present: cursors.filter(({ isPresent }) => isPresent).length,
      epochs: Math.max(0, ...rooms.map(({ epoch }) => epoch)),
    };
  }

  #room(name: string): RoomFacts {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = new RoomFacts(name, this.#anomalies);
      this.#rooms.set(name, room);
    }
    return room;
  }

  #cursor({ client, room }: { client: string; room: string }): ClientCursor {
    let ofRoom = this.#cursors.get(room);
    if (ofRoom === undefined) {
      ofRoom = new Map();
      this.#cursors.set(room, ofRoom);
    }
    let cursor = ofRoom.get(client);
    if (cursor === undefined) {
      cursor = new ClientCursor(`${client} in ${room}`, this.#anomalies);
      ofRoom.set(client, cursor);
    }
    return cursor;
  }
}

function hearOf(room: RoomFacts, record: RecordOf<"sent" | "refused" | "acked" | "stored">): void {
  switch (record.type) {
    case "sent":
      room.sent(record);
      break;
    case "refused":
      room.refused(record);
      break;
    case "acked":
      room.acked(record);
      break;
    case "stored":
      room.stored(record);
      break;
  }
}

function move(
  cursor: ClientCursor,
  record: RecordOf<"received" | "subscribing" | "subscribed" | "gap" | "epoch" | "present">,
): void {
  if ("epoch" in record) cursor.epoch = Math.max(cursor.epoch, record.epoch);
  switch (record.type) {
    case "received":
      cursor.received(record.seq);
      break;
    case "subscribing":
      cursor.subscribing(record.since?.seq ?? null);
      break;
    case "subscribed":
      cursor.subscribed(record.head);
      break;
    case "gap":
      cursor.gap(record.from, record.to);
      break;
    case "present":
      cursor.isPresent = true;
      return;
    case "epoch":
      return;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
