import type { RoomId, UserId } from "@hubbub/protocol";
import type { ClientStats } from "./client-state.ts";
import type { HubbubHttp, Published } from "./http.ts";
import type { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import type { PendingMessage } from "./outbox.ts";
import type { OutboxKeeper } from "./outbox-keeper.ts";
import type { KeptEvent, RefusedEvent } from "./outbox-storage.ts";
import type { Personal } from "./personal.ts";
import { Room } from "./room.ts";

export interface RoomsHost {
  readonly http: HubbubHttp;
  readonly personal: Personal;
  readonly stats: ClientStats;
  /** Keeps unsent events over restarts, and hears of those of earlier clients that cannot be sent. */
  readonly keeper: OutboxKeeper | undefined;
  readonly refused: (refused: RefusedEvent) => void;
  link(): Link | undefined;
  me(): UserId | undefined;
  /** Why nothing goes any more, once the client has ended. */
  ended(): HubbubError | undefined;
  /** What is pending has changed; at most once a turn. */
  changed(pending: PendingMessage[]): void;
}

/** The rooms of a client that it subscribes or has something to send to. */
export class Rooms {
  readonly #host: RoomsHost;
  readonly #active = new Map<RoomId, Room>();
  #tellsPending = false;

  constructor(host: RoomsHost) {
    this.#host = host;
  }

  has(id: RoomId): boolean {
    return this.#active.has(id);
  }

  find(id: RoomId): Room | undefined {
    return this.#active.get(id);
  }

  get(id: RoomId): Room {
    const known = this.#active.get(id);
    if (known !== undefined) return known;
    const { http, stats, personal, keeper, refused, link, me, ended } = this.#host;
    const room: Room = new Room(id, {
      ...{ link, me, ended, stats, keeper, refused },
      history: (roomId, query) => http.history(roomId, query),
      files: http.files,
      tasks: http.tasks,
      enter: () => this.#enter(room),
      active: () => this.#active.get(id),
      release: () => void (this.#active.delete(id) && personal.released(id)),
      read: (seq) => personal.marks.mark(id, seq),
      changed: () => this.#pendingChanged(),
    });
    return room;
  }

  get pending(): PendingMessage[] {
    return [...this.#active.values()].flatMap((room) => room.pending);
  }

  get hasUnacked(): boolean {
    return [...this.#active.values()].some((room) => room.hasUnacked);
  }

  restore(messages: readonly PendingMessage[]): Promise<Published>[] {
    return messages.map(({ room, text, ...message }) => this.get(room as RoomId).publish(text, message));
  }

  /** What an earlier client of the user kept. */
  resume(events: readonly KeptEvent[], isFirst: boolean): void {
    if (this.#host.ended() !== undefined) return;
    for (const room of new Set(events.map((event) => event.room))) {
      const inRoom = events.filter((event) => event.room === room);
      this.get(room as RoomId).resume(inRoom, isFirst);
    }
  }

  linkReady(link: Link): void {
    for (const room of this.#active.values()) room.linkReady(link);
  }

  linkLost(): void {
    for (const room of this.#active.values()) room.linkLost();
  }

  end(error: HubbubError): void {
    for (const room of this.#active.values()) room.end(error);
  }

  #enter(room: Room): Room {
    const active = this.#active.get(room.id) ?? room;
    this.#active.set(room.id, active);
    return active;
  }

  #pendingChanged(): void {
    if (this.#tellsPending) return;
    this.#tellsPending = true;
    queueMicrotask(() => {
      this.#tellsPending = false;
      this.#host.changed(this.pending);
    });
  }
}
