import type { Client } from "@hubbub/client";
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
  /** Of an earlier start: the client sends them. */
  readonly #earlier = new Set<string>();
  #room = "";
  #lastSeq = 0;
  #durableSeq = 0;
  #waiting: (() => void)[] = [];

  /** Shows what an earlier start left, as long as the client sends it. `changed`: something is to be drawn anew. */
  follow(client: Pick<Client, "pending" | "on">, changed: () => void): void {
    const look = (pending: Client["pending"]): void => {
      for (const { id, room, text } of pending.filter((one) => !this.#underway.has(one.id))) {
        this.#earlier.add(id);
        this.sent(id, room, text);
      }
      const ids = new Set(pending.map(({ id }) => id));
      for (const id of this.#earlier) {
        if (ids.has(id)) continue;
        this.#earlier.delete(id);
        // Its event may be among what was shown at the beginning.
        this.refused(id);
      }
      changed();
    };
    look(client.pending);
    client.on("pending", look);
  }

  /** "": in none any more. */
  entered(room: string): void {
    this.#room = room;
    this.#lastSeq = 0;
    this.#durableSeq = 0;
    this.gap();
  }

  /** Resolves when those of this room have arrived, were refused, or do not come. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#check();
    });
  }

  #check(): void {
    if ([...this.#underway.values()].some(({ room }) => room === this.#room)) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
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
    this.#check();
  }

  /** Its event arrived: from now on it stands in the room's order. */
  arrived(event: RoomEvent): void {
    if (this.#underway.delete(event.id)) this.#lastSeq = event.seq;
    this.#check();
  }

  /** The events of acked messages may be among those that do not come. */
  gap(): void {
    for (const [id, { isAcked }] of this.#underway) if (isAcked) this.#underway.delete(id);
    this.#check();
  }

  refused(id: string): void {
    this.#underway.delete(id);
    this.#check();
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
