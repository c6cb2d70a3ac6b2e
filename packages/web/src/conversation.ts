import type { Client, Room as LiveRoom } from "@hubbub/client";
import { type EventId, newId, type Room } from "@hubbub/protocol";
import { explain } from "./explain.ts";
import type { Store } from "./state.ts";
import { EMPTY, type Timeline, withDraft, withDurable, withEvent, withGap, withMoved, withOlder } from "./timeline.ts";

const PAGE = 50;

/** The open room: what was said, what comes, what is being sent. */
export class Conversation {
  readonly #client: Client;
  readonly #store: Store;
  readonly #room: Room;
  readonly #live: LiveRoom;

  constructor(client: Client, store: Store, room: Room) {
    this.#client = client;
    this.#store = store;
    this.#room = room;
    this.#live = client.room(room.id);
  }

  async start(): Promise<void> {
    const room = this.#room;
    this.#store.chat((chat) => ({ ...chat, open: { room, timeline: EMPTY, isLoading: true } }));
    const page = await this.#client.http.history(room.id, { limit: PAGE });
    this.#change((timeline) => withOlder(timeline, page.messages, page.cursor !== undefined));
    this.#store.room(room.id, (open) => ({ ...open, isLoading: false }));
    await this.#live.subscribe({
      since: { seq: page.head, epoch: page.epoch },
      onEvent: (event) => this.#change((timeline) => withEvent(timeline, event)),
      onMoved: (event, from) => this.#change((timeline) => withMoved(timeline, event, from)),
      onGap: (gap) => this.#change((timeline) => withGap(timeline, gap)),
      onDurable: (seq) => this.#change((timeline) => withDurable(timeline, seq)),
    });
  }

  /** A message stays as a draft until its event comes. */
  async send(text: string): Promise<void> {
    const id = newId<EventId>();
    this.#change((timeline) => withDraft(timeline, { id, text, error: undefined }));
    await this.#live.publish(text, { id }).catch((error: unknown) => {
      const reason = explain(error);
      this.#change((timeline) => withDraft(timeline, { id, text, error: reason }));
    });
  }

  async loadOlder(): Promise<void> {
    const { state } = this.#store;
    const open = state.screen === "chat" ? state.open : undefined;
    const first = open?.timeline.items[0]?.seq;
    if (open === undefined || first === undefined || open.isLoading || !open.timeline.hasOlder) return;
    this.#store.room(this.#room.id, (one) => ({ ...one, isLoading: true }));
    const loaded = this.#client.http.history(this.#room.id, { before: first, limit: PAGE });
    const done = (): void => this.#store.room(this.#room.id, (one) => ({ ...one, isLoading: false }));
    const { messages, cursor } = await loaded.finally(done);
    this.#change((timeline) => withOlder(timeline, messages, cursor !== undefined));
  }

  close(): void {
    this.#live.unsubscribe();
  }

  #change(change: (timeline: Timeline) => Timeline): void {
    this.#store.room(this.#room.id, (open) => ({ ...open, timeline: change(open.timeline) }));
  }
}
