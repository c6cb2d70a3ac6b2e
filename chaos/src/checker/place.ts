/** Where a recorder is in a room. */
export class Place {
  isLive = false;
  /** Monotonic ms before which nothing is published: the cluster asked for it. */
  waitUntil = 0;
  #since: { seq: number; epoch: number } | null = null;
  #newest = 0;
  #newestEvent = 0;
  #durable = 0;
  /** The seq of the message that it got last; 0: none. */
  newestMessage = 0;

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

  /** The room goes on in `epoch` above `head`. What is above that here is void: an older state was put back. */
  renumbered(epoch: number, head: number): void {
    if (this.#since !== null && head < this.#since.seq && epoch !== this.#since.epoch) {
      this.#since = { seq: head, epoch };
      this.#newest = head;
      this.#newestEvent = Math.min(this.#newestEvent, head);
      this.#durable = Math.min(this.#durable, head);
    } else this.moved(0, epoch);
  }

  /** The end of a gap has no epoch: 0. */
  moved(seq: number, epoch: number): void {
    const { seq: at, epoch: known } = this.#since ?? { seq: 0, epoch: 0 };
    this.#since = { seq: Math.max(seq, at), epoch: epoch === 0 ? known : epoch };
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
