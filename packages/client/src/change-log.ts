import { type RoomEvent, targetOf } from "@hubbub/protocol";

/** Bytes of changes that are kept apart from the states that they are in, of one room. */
const CHANGES_MAX_BYTES = 2 * 1_024 * 1_024;
/** Of an event and its places in the maps, without its text; and of a seq that it had before. */
const EVENT_BYTES = 512;
const LOST_SEQ_BYTES = 64;

/**
 * Changes of messages, each under the seq that it names as its target. Those that may be lost with an epoch are told apart
 * from stored ones, so that stored ones go first at the bound.
 */
export class ChangeLog {
  readonly #maxBytes: number;
  readonly #stored = new Map<number, RoomEvent>();
  readonly #unstored = new Map<number, RoomEvent>();
  readonly #byTarget = new Map<number, Map<number, RoomEvent>>();
  #bytes = 0;
  #mark = { seq: 0, epoch: 0 };

  constructor(maxBytes = CHANGES_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get(seq: number): RoomEvent | undefined {
    return this.#unstored.get(seq) ?? this.#stored.get(seq);
  }

  get seqs(): readonly number[] {
    return [...this.#stored.keys(), ...this.#unstored.keys()];
  }

  /** Nothing for an event that changes no message. The bound is kept by who removes `surplus`. */
  add(event: RoomEvent): void {
    const target = targetOf(event);
    if (target === undefined) return;
    this.remove(event.seq);
    (this.#isStored(event) ? this.#stored : this.#unstored).set(event.seq, event);
    const ofTarget = this.#byTarget.get(target) ?? new Map<number, RoomEvent>();
    this.#byTarget.set(target, ofTarget.set(event.seq, event));
    this.#bytes += bytesOf(event);
  }

  remove(seq: number): void {
    const event = this.get(seq);
    const target = event && targetOf(event);
    if (event === undefined || target === undefined) return;
    this.#stored.delete(seq);
    this.#unstored.delete(seq);
    this.#bytes -= bytesOf(event);
    const ofTarget = this.#byTarget.get(target);
    ofTarget?.delete(seq);
    if (ofTarget?.size === 0) this.#byTarget.delete(target);
  }

  /** By rising seq. */
  of(targets: readonly number[]): readonly RoomEvent[] {
    const found = targets.flatMap((target) => [...(this.#byTarget.get(target)?.values() ?? [])]);
    return found.sort((one, other) => one.seq - other.seq);
  }

  /** Above the bound: the change to remove next. */
  get surplus(): RoomEvent | undefined {
    if (this.#bytes <= this.#maxBytes) return undefined;
    for (const oldest of this.#stored.values()) return oldest;
    for (const oldest of this.#unstored.values()) return oldest;
    return undefined;
  }

  /** Of `epoch`, everything up to `seq` is stored. A mark says nothing of an event of another epoch. */
  durable(seq: number, epoch: number): void {
    this.#mark = { seq: epoch === this.#mark.epoch ? Math.max(seq, this.#mark.seq) : seq, epoch };
    for (const event of this.#unstored.values()) {
      if (!this.#isStored(event)) continue;
      this.#unstored.delete(event.seq);
      this.#stored.set(event.seq, event);
    }
  }

  #isStored({ seq, epoch }: RoomEvent): boolean {
    return epoch === this.#mark.epoch && seq <= this.#mark.seq;
  }
}

function bytesOf(event: RoomEvent): number {
  const text = "text" in event ? event.text.length : 0;
  return EVENT_BYTES + 2 * text + LOST_SEQ_BYTES * (event.was?.length ?? 0);
}
