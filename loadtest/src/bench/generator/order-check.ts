import type { TextHead } from "./message-text.ts";

/** Follows one connection: each sender's numbers and each room's seqs must rise by exactly 1. */
export class OrderCheck {
  readonly #numbers = new Map<number, number>();
  readonly #seqs = new Map<string, number>();
  #faults = 0;

  get faults(): number {
    return this.#faults;
  }

  see(head: TextHead | null, room: string, seq: number | null): void {
    if (head === null) {
      this.#faults++;
      return;
    }
    this.#follow(this.#numbers, head.sender, head.number);
    if (seq !== null) this.#follow(this.#seqs, room, seq);
  }

  #follow<Key>(last: Map<Key, number>, key: Key, value: number): void {
    const before = last.get(key);
    if (before !== undefined && value !== before + 1) this.#faults++;
    last.set(key, value);
  }
}
