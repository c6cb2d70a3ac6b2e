import type { Room, RoomId } from "@hubbub/protocol";
import { Conversation, type ConversationHost } from "./conversation.ts";

/** Rooms that are heard at once; at the bound the one looked at longest ago goes, if it loses no words. */
const CONVERSATIONS_MAX = 30;

/** The rooms that were opened. Each is heard and goes on sending while another one is looked at. */
export class Conversations {
  readonly #host: ConversationHost;
  /** In the order they were last opened. */
  readonly #open = new Map<RoomId, Conversation>();
  readonly #closed: (room: RoomId) => void;

  constructor(host: ConversationHost, closed: (room: RoomId) => void) {
    this.#host = host;
    this.#closed = closed;
  }

  get(room: RoomId): Conversation | undefined {
    return this.#open.get(room);
  }

  open(room: Room): Conversation {
    const known = this.#open.get(room.id);
    const conversation = known ?? new Conversation(room, this.#host);
    this.#open.delete(room.id);
    this.#open.set(room.id, conversation);
    if (known === undefined || known.talk.closed !== "") conversation.start();
    this.#shrink(room.id);
    return conversation;
  }

  close(room: RoomId): void {
    this.#open.get(room)?.close();
    this.#open.delete(room);
    this.#closed(room);
  }

  #shrink(kept: RoomId): void {
    for (const [id, conversation] of this.#open) {
      if (this.#open.size <= CONVERSATIONS_MAX) return;
      if (id !== kept && conversation.isIdle) this.close(id);
    }
  }
}
