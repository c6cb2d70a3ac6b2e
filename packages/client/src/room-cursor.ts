/** A place in a room's order. A room goes on in a later epoch above what it had, unless an older state was restored. */
export interface Position {
  readonly seq: number;
  readonly epoch: number;
}

/** Both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
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

  /**
   * The room goes on in `epoch` above `head`. `isNew`: of another epoch. `lost`: what the user has there is void, for
   * an older state of the room was restored; the cursor goes back to `head`.
   */
  epoch(epoch: number, head: number): { readonly isNew: boolean; readonly lost: Span | undefined } {
    const at = this.#at;
    if (at === undefined) return { isNew: false, lost: undefined };
    if (epoch === at.epoch) return { isNew: false, lost: undefined };
    if (head < at.seq) return { isNew: true, lost: this.#goBack({ seq: head, epoch }) };
    this.#at = { ...at, epoch };
    return { isNew: true, lost: undefined };
  }

  /**
   * The replay is over: everything up to `head` must have come. `lost`: the room has not even what the user has, and the
   * cursor goes back.
   */
  subscribed(head: number, epoch: number): { readonly verdict: Verdict; readonly lost: Span | undefined } {
    const at = this.#at;
    if (at === undefined) this.#at = { seq: head, epoch };
    else if (head < at.seq) return { verdict: "deliver", lost: this.#goBack({ seq: head, epoch }) };
    return { verdict: at !== undefined && head > at.seq ? "hole" : "deliver", lost: undefined };
  }

  /** Gives a hole up. */
  skipTo(seq: number): void {
    this.#at = { seq, epoch: this.#at?.epoch ?? 0 };
  }

  #goBack(to: Position): Span {
    const from = to.seq + 1;
    const lost = { from, to: this.#at?.seq ?? from };
    this.#at = to;
    return lost;
  }

  /** Epochs are told apart and not compared: after a restore they may fall. */
  #span(from: number, to: number, epoch: number): Verdict {
    const at = this.#at;
    if (at !== undefined && to <= at.seq) return "duplicate";
    if (at !== undefined && from > at.seq + 1) return "hole";
    this.#at = { seq: to, epoch };
    return "deliver";
  }
}
