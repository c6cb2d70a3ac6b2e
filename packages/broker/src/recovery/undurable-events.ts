import type { RoomId } from "@hubbub/protocol";
import type { AcceptRequest, RoomHead } from "../roles/room-log.ts";

/** Upper bounds of kept events and of bytes of their bodies per process. At either bound no event is accepted. */
export const UNDURABLE_EVENTS_MAX = 500_000;
export const UNDURABLE_BYTES_MAX = 256 * 1_024 * 1_024;

export interface UndurableEvent {
  readonly request: Pick<AcceptRequest, "room" | "user" | "id" | "body">;
  readonly bytes: number;
  seq: number;
  /** The other seqs that it had, in epochs that are lost or came back, rising. */
  was?: readonly number[];
}

interface UndurableRoom {
  /** The epoch in whose log all of `events` are known to be. */
  epoch: number;
  highest: number;
  /** No event has a lower seq. */
  lowest: number;
  /** In the order in which they were accepted. */
  events: UndurableEvent[];
}

/** Why the numbering of a room is lost: the log has only events up to `head`, or is in a later `epoch`. */
export type Restarted = { readonly head: number } | { readonly epoch: number };

/**
 * Events that this process has accepted and the store is not known to have, by room. Bounded for all rooms together by
 * `UNDURABLE_EVENTS_MAX` and `UNDURABLE_BYTES_MAX`.
 */
export class UndurableEvents {
  readonly #rooms = new Map<RoomId, UndurableRoom>();
  #events = 0;
  #bytes = 0;

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get rooms(): readonly RoomId[] {
    return [...this.#rooms.keys()];
  }

  of(room: RoomId): readonly UndurableEvent[] {
    return this.#rooms.get(room)?.events ?? [];
  }

  /** The epoch of the kept events of a room; 0: none is kept. */
  epoch(room: RoomId): number {
    return this.#rooms.get(room)?.epoch ?? 0;
  }

  /** The highest seq of the kept events of a room; 0: none is kept. */
  highest(room: RoomId): number {
    return this.#rooms.get(room)?.highest ?? 0;
  }

  keep(event: UndurableEvent, epoch: number): void {
    const { room } = event.request;
    const known = this.#rooms.get(room);
    const { seq } = event;
    if (known === undefined) this.#rooms.set(room, { epoch, highest: seq, lowest: seq, events: [event] });
    else {
      known.events.push(event);
      if (seq > known.highest) known.highest = seq;
      if (seq < known.lowest) known.lowest = seq;
    }
    this.#events += 1;
    this.#bytes += event.bytes;
  }

  /**
   * Drops the events that the head says are durable, or tells why the numbering is lost. A durable mark counts only within
   * its epoch: the mark of a later epoch also covers events that were lost before it. `epoch` and `highest` are the values
   * from before the head was requested.
   */
  compare(
    room: RoomId,
    head: RoomHead | null,
    { epoch, highest }: { epoch: number; highest: number },
  ): Restarted | null {
    const known = this.#rooms.get(room);
    if (known === undefined || known.epoch !== epoch) return null;
    if (head === null) return { head: 0 };
    if (head.epoch > known.epoch) return { epoch: head.epoch };
    if (head.epoch < known.epoch || head.seq < highest) return { head: head.seq };
    const { durable } = head;
    // While nothing is stored, half a million events are not looked at every second.
    if (durable < known.lowest) return null;
    this.#keepOnly(room, known, durable >= known.highest ? () => false : ({ seq }) => seq > durable);
    return null;
  }

  forget(room: RoomId, events: ReadonlySet<UndurableEvent>): void {
    const known = this.#rooms.get(room);
    if (known !== undefined && events.size > 0) this.#keepOnly(room, known, (event) => !events.has(event));
  }

  /** All kept events of the room are in the log of this epoch now. */
  restarted(room: RoomId, epoch: number): void {
    const known = this.#rooms.get(room);
    if (known === undefined) return;
    known.epoch = epoch;
    known.highest = known.events.reduce((highest, { seq }) => Math.max(highest, seq), 0);
    known.lowest = lowestOf(known.events);
  }

  #keepOnly(room: RoomId, known: UndurableRoom, isKept: (event: UndurableEvent) => boolean): void {
    if (known.events.every(isKept)) return;
    const kept: UndurableEvent[] = [];
    for (const event of known.events) {
      if (isKept(event)) {
        kept.push(event);
        continue;
      }
      this.#events -= 1;
      this.#bytes -= event.bytes;
    }
    known.events = kept;
    known.lowest = lowestOf(kept);
    if (kept.length === 0) this.#rooms.delete(room);
  }
}

function lowestOf(events: readonly UndurableEvent[]): number {
  return events.reduce((lowest, { seq }) => Math.min(lowest, seq), Number.POSITIVE_INFINITY);
}
