import { Anomalies, type AnomalyKind } from "./anomalies.ts";
import type { Counts, Verdict } from "./check.ts";
import { ClientCursor } from "./client-cursor.ts";
import { LifeOfRoom } from "./life-of-room.ts";
import type { HistoryRecord } from "./records.ts";

/**
 * The verdict over rooms whose data was set back to a copy, so that they had several lives. An event is its id, a number is
 * a pair of epoch and seq. What was acked between a copy and its return may be gone, and then the change of the epoch tells
 * everybody who had it. Everything else must hold as ever; what a later life says must reach everybody, and no gap excuses.
 */
export function checkLives(records: Iterable<HistoryRecord>): Verdict {
  const anomalies = new Anomalies();
  const rooms = new Map<string, LifeOfRoom>();
  for (const record of records) {
    let room = rooms.get(record.room);
    if (room === undefined) {
      room = new LifeOfRoom(record.room, (kind: AnomalyKind, what: string) =>
        anomalies.add(kind, `room ${record.room}: ${what}`),
      );
      rooms.set(record.room, room);
    }
    room.hear(record, (client) => new ClientCursor(`${client} in ${record.room}`, anomalies));
  }
  for (const room of rooms.values()) room.judge();
  return { isClean: Object.keys(anomalies.found).length === 0, anomalies: anomalies.found, counts: sum(rooms) };
}

function sum(rooms: ReadonlyMap<string, LifeOfRoom>): Counts {
  const all = [...rooms.values()].map((room) => room.counts);
  const total = (what: keyof Counts) => all.reduce((most, counts) => most + (counts[what] ?? 0), 0);
  return {
    ...{ sent: total("sent"), acked: total("acked"), unknown: total("unknown"), received: total("received") },
    ...{ stored: total("stored"), buried: total("buried"), announced: total("announced"), rooms: rooms.size },
    ...{ subscriptions: total("subscriptions"), present: total("present"), taken: total("taken") },
    epochs: Math.max(0, ...all.map(({ epochs }) => epochs)),
  };
}
