import type { TextHead } from "./message-text.ts";

/** Follows one connection in one room: each sender's numbers and the room's seqs must rise by exactly 1. */
export class OrderCheck {
  readonly #numbers = new Map<number, number>();
  #seq: number | null = null;
  #faults = 0;

  get faults(): number {
    return this.#faults;
  }

  /** `seq` is null where rooms are not numbered. */
  see(head: TextHead | null, seq: number | null): void {
    if (head === null) {
      this.#faults++;
      return;
    }
    this.#compare(this.#numbers.get(head.sender), head.number);
    this.#numbers.set(head.sender, head.number);
    if (seq === null) return;
    this.#compare(this.#seq ?? undefined, seq);
    this.#seq = seq;
  }

  #compare(before: number | undefined, value: number): void {
    if (before !== undefined && value !== before + 1) this.#faults++;
  }
}
