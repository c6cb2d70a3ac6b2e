import type { RoomEvent } from "@hubbub/protocol";
import type { Mark } from "./render.ts";

/** Own messages of this run: which are on their way, and how far the last one has come. */
export class OwnMessages {
  readonly #underway = new Map<string, string>();
  #lastSeq = 0;
  #durableSeq = 0;

  sent(id: string, text: string): void {
    this.#underway.set(id, text);
  }

  /** Its event arrived: from now on it stands in the room's order. */
  arrived(event: RoomEvent): void {
    if (this.#underway.delete(event.id)) this.#lastSeq = event.seq;
  }

  refused(id: string): void {
    this.#underway.delete(id);
  }

  durable(seq: number): void {
    this.#durableSeq = Math.max(this.#durableSeq, seq);
  }

  get texts(): string[] {
    return [...this.#underway.values()];
  }

  get mark(): Mark {
    if (this.#underway.size > 0) return "…";
    if (this.#lastSeq === 0) return "";
    return this.#durableSeq >= this.#lastSeq ? "✓✓" : "✓";
  }
}
