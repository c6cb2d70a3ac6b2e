import type { Anomalies } from "./anomalies.ts";

interface Range {
  from: number;
  to: number;
}

/** One room as one client saw it: every seq once, rising by one except across announced gaps. */
export class ClientCursor {
  readonly name: string;
  readonly #anomalies: Anomalies;
  /** null: from wherever the first frame says. */
  #at: number | null = null;
  /** Of this subscription, rising. Bounded by the frames of the history. */
  #holes: Range[] = [];
  #gaps: Range[] = [];
  #lastGap: Range = { from: 0, to: 0 };
  #announced = 0;
  isPresent = false;
  /** The newest the client knew of. */
  epoch = 0;

  constructor(name: string, anomalies: Anomalies) {
    this.name = name;
    this.#anomalies = anomalies;
  }

  /** Everything up to here was received, announced as a gap, or reported. */
  get at(): number {
    return this.#at ?? 0;
  }

  /** Seqs that were announced not to come. */
  get announced(): number {
    return this.#announced;
  }

  subscribing(since: number | null): void {
    this.finish();
    this.#at = since;
    this.#gaps = [];
  }

  /** The replay is over: the client is promised that it has everything up to `head`. */
  subscribed(head: number): void {
    if (this.#at !== null && head > this.#at) this.#holes.push({ from: this.#at + 1, to: head });
    this.#at = Math.max(this.#at ?? 0, head);
  }

  received(seq: number): void {
    if (this.#at === null || seq > this.#at) {
      if (this.#at !== null && seq > this.#at + 1) this.#holes.push({ from: this.#at + 1, to: seq - 1 });
      this.#at = seq;
    } else if (this.#fill(seq) || this.#gaps.some(({ from, to }) => from <= seq && seq <= to)) {
      this.#anomalies.add("reordered", `${this.name} got ${seq} behind ${this.#at}`);
    } else {
      this.#anomalies.add("duplicateDelivered", `${this.name} got ${seq} twice`);
    }
  }

  gap(from: number, to: number): void {
    this.#lastGap = { from, to };
    if (this.#at === null) {
      this.#at = to;
      return;
    }
    if (from > this.#at + 1) this.#holes.push({ from: this.#at + 1, to: from - 1 });
    if (to <= this.#at) return;
    this.#announced += to - Math.max(from - 1, this.#at);
    this.#gaps.push({ from: Math.max(from, this.#at + 1), to });
    this.#at = to;
  }

  /**
   * The room goes on in `epoch` above `head`, which may be below what the client has, for an older state was put back. Then
   * everything above it must have been announced as void.
   */
  renumbered(epoch: number, head: number): void {
    if (epoch !== this.epoch && this.#at !== null && head < this.#at) {
      const isAnnounced = this.#lastGap.from <= head + 1 && this.#lastGap.to >= this.#at;
      if (!isAnnounced) this.#anomalies.add("unannouncedGap", `${this.name} was not told that ${this.#at} is void`);
      this.finish();
      this.#at = head;
      this.#gaps = [];
    }
    this.epoch = epoch;
  }

  /** The subscription has ended: holes that are still open count as unannounced gaps. */
  finish(): void {
    for (const { from, to } of this.#holes) {
      const what = from === to ? `${from}` : `${from} to ${to}`;
      this.#anomalies.add("unannouncedGap", `${this.name} never got ${what}`, to - from + 1);
    }
    this.#holes = [];
  }

  /** Answers whether the seq was missing. */
  #fill(seq: number): boolean {
    const index = this.#holes.findIndex(({ from, to }) => from <= seq && seq <= to);
    const hole = this.#holes[index];
    if (hole === undefined) return false;
    const parts = [
      { from: hole.from, to: seq - 1 },
      { from: seq + 1, to: hole.to },
    ];
    this.#holes.splice(index, 1, ...parts.filter(({ from, to }) => from <= to));
    return true;
  }
}
