import type { RoomEvent } from "@hubbub/protocol";
import type { Mark } from "./render.ts";

interface Underway {
  readonly room: string;
  readonly text: string;
  isAcked: boolean;
}

/** Own messages of this run: which are on their way, in whatever room, and how far the last one of this room has come. */
export class OwnMessages {
  readonly #underway = new Map<string, Underway>();
  #room = "";
  #lastSeq = 0;
  #durableSeq = 0;

  entered(room: string): void {
    this.#room = room;
    this.#lastSeq = 0;
    this.#durableSeq = 0;
    this.gap();
  }

  sent(id: string, room: string, text: string): void {
    this.#underway.set(id, { room, text, isAcked: false });
  }

  /** The server has it. It is shown as its event; of another room none comes. */
  acked(id: string): void {
    const message = this.#underway.get(id);
    if (message === undefined) return;
    message.isAcked = true;
    if (message.room !== this.#room) this.#underway.delete(id);
  }

  /** Its event arrived: from now on it stands in the room's order. */
  arrived(event: RoomEvent): void {
    if (this.#underway.delete(event.id)) this.#lastSeq = event.seq;
  }

  /** The events of acked messages may be among those that do not come. */
  gap(): void {
    for (const [id, { isAcked }] of this.#underway) if (isAcked) this.#underway.delete(id);
  }

  refused(id: string): void {
    this.#underway.delete(id);
  }

  durable(seq: number): void {
    this.#durableSeq = Math.max(this.#durableSeq, seq);
  }

  /** Those that did not arrive yet. */
  get texts(): string[] {
    return [...this.#underway.values()].map(({ text }) => text);
  }

  get unackedTexts(): string[] {
    return [...this.#underway.values()].filter(({ isAcked }) => !isAcked).map(({ text }) => text);
  }

  get mark(): Mark {
    if (this.#underway.size > 0) return "…";
    if (this.#lastSeq === 0) return "";
    return this.#durableSeq >= this.#lastSeq ? "✓✓" : "✓";
  }
}
