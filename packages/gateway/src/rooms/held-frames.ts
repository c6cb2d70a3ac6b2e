/** Most frames held after a hole, and their bytes. Further ones are dropped: the repair reads them from the timeline. */
const FRAMES_MAX = 1_024;
const BYTES_MAX = 1_048_576;

interface HeldFrame {
  readonly epoch: number;
  readonly frame: Buffer;
}

/** Events of a room that arrived before their predecessors, by seq. */
export class HeldFrames {
  readonly #frames = new Map<number, HeldFrame>();
  #bytes = 0;

  hold(seq: number, epoch: number, frame: Buffer): void {
    this.take(seq);
    if (this.#frames.size >= FRAMES_MAX || this.#bytes + frame.length > BYTES_MAX) return;
    this.#frames.set(seq, { epoch, frame });
    this.#bytes += frame.length;
  }

  epochOf(seq: number): number | undefined {
    return this.#frames.get(seq)?.epoch;
  }

  take(seq: number): HeldFrame | undefined {
    const held = this.#frames.get(seq);
    if (held === undefined) return undefined;
    this.#frames.delete(seq);
    this.#bytes -= held.frame.length;
    return held;
  }

  /** The lowest held seq between the two, both excluded; `to` when none is held. */
  firstBetween(from: number, to: number): number {
    let first = to;
    for (const seq of this.#frames.keys()) if (seq > from && seq < first) first = seq;
    return first;
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }
}
