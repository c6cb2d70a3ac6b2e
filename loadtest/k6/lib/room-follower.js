import { deliveries, deliveryMs, deliveryRatio, duplicates, gaps } from "./measures.js";

/** What one connection has seen of one room. Survives the connection: a resumed one goes on where it was. */
export class RoomFollower {
  constructor(room) {
    this.room = room;
    this.received = 0;
    this.position = null;
  }

  /** Where to resume from; undefined before the first answer. */
  get since() {
    return this.position === null ? undefined : { ...this.position };
  }

  subscribed({ epoch, head }) {
    if (this.position === null) this.position = { epoch, seq: head };
  }

  see(frame) {
    if (this.position === null) this.position = { epoch: frame.epoch, seq: frame.seq - 1 };
    const { seq } = this.position;
    if (frame.seq <= seq) {
      duplicates.add(1);
      return;
    }
    if (frame.seq > seq + 1) gaps.add(frame.seq - seq - 1);
    this.position = { epoch: frame.epoch, seq: frame.seq };
    if (frame.kind !== "message") return;
    this.received++;
    deliveries.add(1);
    deliveryRatio.add(true);
    const sentMs = sendTimeOf(frame.text);
    if (sentMs !== null) deliveryMs.add(Date.now() - sentMs);
  }

  /** Counts what never came, out of `expected` messages. */
  settle(expected) {
    for (let missing = expected - this.received; missing > 0; missing--) deliveryRatio.add(false);
  }
}

export function textSentNow(bytes) {
  return `sent ${Date.now()} `.padEnd(bytes, "the quick brown fox jumps over the lazy dog ");
}

function sendTimeOf(text) {
  const digits = /^sent (\d+) /.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
