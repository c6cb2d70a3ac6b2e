/** Where a recorder is in a room. */
export class Place {
  isLive = false;
  /** Monotonic ms before which nothing is published: the cluster asked for it. */
  waitUntil = 0;
  #since: { seq: number; epoch: number } | null = null;
  #newest = 0;
  #newestEvent = 0;
  #durable = 0;

  /** The cursor to resume from; null before the first answer. */
  get since(): { readonly seq: number; readonly epoch: number } | null {
    return this.#since;
  }

  /** The highest seq it was told of. */
  get newest(): number {
    return this.#newest;
  }

  /** The highest seq of an event that it saw, or got an ack for. */
  get newestEvent(): number {
    return this.#newestEvent;
  }

  get durable(): number {
    return this.#durable;
  }

  mayPublish(now: number): boolean {
    return this.isLive && now >= this.waitUntil;
  }

  subscribed(head: number, epoch: number): void {
    this.#since ??= { seq: head, epoch };
    this.isLive = true;
    this.#newest = Math.max(this.#newest, head);
  }

  received(seq: number, epoch: number): void {
    this.moved(seq, epoch);
    this.acked(seq);
  }

  /** The end of a gap (epoch 0), or a new epoch (seq 0). */
  moved(seq: number, epoch: number): void {
    const { seq: at, epoch: known } = this.#since ?? { seq: 0, epoch: 0 };
    this.#since = { seq: Math.max(seq, at), epoch: Math.max(epoch, known) };
    this.#newest = Math.max(this.#newest, seq);
  }

  acked(seq: number): void {
    this.#newest = Math.max(this.#newest, seq);
    this.#newestEvent = Math.max(this.#newestEvent, seq);
  }

  /** Whether it is news. */
  marked(seq: number): boolean {
    if (seq <= this.#durable) return false;
    this.#durable = seq;
    return true;
  }
}
