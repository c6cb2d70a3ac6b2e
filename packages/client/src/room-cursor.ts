/** A place in a room's order. Numbering of a later epoch starts above everything of the earlier ones. */
export interface Position {
  readonly seq: number;
  readonly epoch: number;
}

/** `hole`: something in between is missing and nobody said so. Only `deliver` moves the cursor. */
export type Verdict = "deliver" | "duplicate" | "hole";

/** The last place of a room that the user has, and what each frame means from there. Pure. */
export class RoomCursor {
  #at: Position | undefined;

  constructor(since?: Position) {
    this.#at = since;
  }

  get position(): Position | undefined {
    return this.#at;
  }

  event(event: Position): Verdict {
    return this.#span(event.seq, event.seq, event.epoch);
  }

  /** An announced gap is passed over as if its seqs had come. */
  gap(gap: { readonly from: number; readonly to: number }): Verdict {
    return this.#span(gap.from, gap.to, this.#at?.epoch ?? 0);
  }

  /** Answers whether the epoch is new. */
  epoch(epoch: number): boolean {
    if (this.#at === undefined || epoch <= this.#at.epoch) return false;
    this.#at = { ...this.#at, epoch };
    return true;
  }

  /** The replay is over: everything up to `head` must have come. */
  subscribed(head: number, epoch: number): Verdict {
    const at = this.#at;
    if (at === undefined || (epoch > at.epoch && head < at.seq)) {
      // The second case cannot be while G6 holds; what is numbered below would be taken for duplicates for ever.
      this.#at = { seq: head, epoch };
      return "deliver";
    }
    return head > at.seq ? "hole" : "deliver";
  }

  /** Gives a hole up. */
  skipTo(seq: number): void {
    this.#at = { seq, epoch: this.#at?.epoch ?? 0 };
  }

  #span(from: number, to: number, epoch: number): Verdict {
    const at = this.#at;
    if (at !== undefined && to <= at.seq) return "duplicate";
    if (at !== undefined && from > at.seq + 1) return "hole";
    this.#at = { seq: to, epoch: Math.max(epoch, at?.epoch ?? 0) };
    return "deliver";
  }
}
