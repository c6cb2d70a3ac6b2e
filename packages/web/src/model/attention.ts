import type { Client, PersonalFrame } from "@hubbub/client";
import type { FollowedThread, PublicUser, Room, RoomEvent, RoomId } from "@hubbub/protocol";
import { FollowedThreads } from "./followed-threads.ts";
import { incomingOfEvent, incomingOfHead, incomingOfNews } from "./incoming.ts";
import { Notifications, type Notifier, type NotifyState } from "./notifications.ts";
import type { Incoming } from "./notify-rules.ts";
import { NotifyStore } from "./notify-settings.ts";
import type { PageStorage } from "./page-storage.ts";
import { RoomStates, type RoomStatuses } from "./room-states.ts";

export interface AttentionHost {
  readonly client: Client;
  readonly me: PublicUser;
  readonly storage: PageStorage;
  readonly notifier: Notifier;
  readonly signal: AbortSignal;
  /** Whether somebody looks at this room now. */
  isSeen(room: RoomId): boolean;
  /** A room of the user. */
  room(id: RoomId): Room | undefined;
  open(room: RoomId, seq: number): void;
  changed(change: { statuses: RoomStatuses } | { notify: NotifyState } | { threads: readonly FollowedThread[] }): void;
  failed(error: unknown): void;
}

/** What asks for the user's attention: counts of what is unread, and notifications. */
export class Attention {
  readonly rooms: RoomStates;
  readonly threads: FollowedThreads;
  readonly notifications: Notifications;
  readonly #host: AttentionHost;

  constructor(host: AttentionHost) {
    this.#host = host;
    const { me, signal } = host;
    this.rooms = new RoomStates({
      client: host.client,
      me,
      signal,
      later,
      changed: (statuses) => {
        host.changed({ statuses });
        this.notifications.settle();
      },
      headed: (head) => {
        this.threads.headed();
        const room = host.room(head.room);
        if (room !== undefined) this.#tell(incomingOfHead(room, head, me));
      },
      failed: (error) => host.failed(error),
    });
    this.threads = new FollowedThreads({
      http: host.client.http,
      me: me.id,
      signal,
      later,
      changed: (threads) => host.changed({ threads }),
      failed: (error) => host.failed(error),
    });
    this.notifications = new Notifications({
      me: me.id,
      notifier: host.notifier,
      store: new NotifyStore(host.storage, me.id),
      now: () => new Date(),
      later,
      isLookedAt: (room) => host.isSeen(room),
      status: (room) => this.rooms.all.get(room),
      open: (room, seq) => host.open(room, seq),
      changed: (notify) => host.changed({ notify }),
    });
    signal.addEventListener("abort", () => this.notifications.end());
  }

  async start(): Promise<void> {
    this.#host.changed({ notify: this.notifications.state });
    await this.rooms.load();
  }

  hear(news: PersonalFrame): void {
    this.rooms.hear(news);
    this.threads.hear(news);
    const room = news.kind === "notification" ? this.#host.room(news.room) : undefined;
    if (room !== undefined && news.kind === "notification") this.#tell(incomingOfNews(room, news));
  }

  /** An event of a room that is open. */
  heard(room: Room, event: RoomEvent): void {
    this.rooms.heard(room.id, event);
    this.threads.heard(room.id, event);
    this.#tell(incomingOfEvent(room, event, this.#host.me));
  }

  #tell(message: Incoming | undefined): void {
    if (message !== undefined) this.notifications.heard(message);
  }
}

function later(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
