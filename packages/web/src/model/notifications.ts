import type { RoomId, UserId } from "@hubbub/protocol";
import { type Incoming, isToBeShown, textOfNotification } from "./notify-rules.ts";
import { isQuiet, type NotifySettings, type NotifyStore } from "./notify-settings.ts";
import type { RoomStatus } from "./room-status.ts";

/** Another browser of the user may be looking at the message: its mark comes within this. */
const GRACE_MS = 1_500;
/** Rooms with a notification on the screen. At the bound the oldest is taken off. */
const SHOWN_MAX = 50;

export type Permission = "unsupported" | "default" | "granted" | "denied";

/** The Notification API of a browser, as far as it is needed. */
export interface Notifier {
  readonly permission: Permission;
  /** Only from an act of the user: browsers refuse it otherwise, and remember that. */
  ask(): Promise<Permission>;
  /** A later one with the same tag takes its place. @throws where the platform cannot show any */
  show(notification: { title: string; body: string; tag: string; clicked: () => void }): { close(): void };
}

export interface NotifyState {
  readonly permission: Permission;
  readonly settings: NotifySettings;
}

export interface NotificationsHost {
  readonly me: UserId;
  readonly notifier: Notifier;
  readonly store: NotifyStore;
  now(): Date;
  later(work: () => void, ms: number): () => void;
  isLookedAt(room: RoomId): boolean;
  status(room: RoomId): RoomStatus | undefined;
  /** The user has clicked: the room comes to the front. */
  open(room: RoomId, seq: number): void;
  changed(state: NotifyState): void;
}

interface Shown {
  readonly seq: number;
  readonly count: number;
  readonly close: () => void;
}

interface Waiting {
  readonly message: Incoming;
  readonly count: number;
  readonly stop: () => void;
}

/** One notification for each room, as long as its messages are not read. */
export class Notifications {
  readonly #host: NotificationsHost;
  readonly #shown = new Map<RoomId, Shown>();
  /** The newest message of each room whose turn has not come. */
  readonly #waiting = new Map<RoomId, Waiting>();
  #settings: NotifySettings;
  #permission: Permission;

  constructor(host: NotificationsHost) {
    this.#host = host;
    this.#settings = host.store.read();
    this.#permission = host.notifier.permission;
  }

  get state(): NotifyState {
    return { permission: this.#permission, settings: this.#settings };
  }

  /** By an act of the user. */
  async ask(): Promise<void> {
    this.#permission = await this.#host.notifier.ask();
    this.#host.changed(this.state);
  }

  set(settings: NotifySettings): void {
    this.#settings = settings;
    this.#host.store.write(settings);
    this.#host.changed(this.state);
  }

  /** The same message may come in several ways: as an event, as a head, as news of the user. */
  heard(message: Incoming): void {
    const { room, seq } = message;
    const known = this.#waiting.get(room.id);
    const before = known?.message.seq ?? this.#shown.get(room.id)?.seq ?? 0;
    if (this.#permission !== "granted" || seq <= before || !this.#isToBeShown(message)) return;
    const count = (known?.count ?? this.#shown.get(room.id)?.count ?? 0) + 1;
    // Further messages do not put the notification off.
    const stop = known === undefined ? this.#host.later(() => this.#show(room.id), GRACE_MS) : known.stop;
    this.#waiting.set(room.id, { message, count, stop });
  }

  /** What was read, here or elsewhere, is taken off the screen, as is what is of rooms that the user has left. */
  settle(): void {
    const isRead = (room: RoomId, seq: number): boolean => seq <= (this.#host.status(room)?.read ?? seq);
    for (const [room, { message, stop }] of [...this.#waiting]) {
      if (!isRead(room, message.seq)) continue;
      stop();
      this.#waiting.delete(room);
    }
    for (const [room, { seq }] of [...this.#shown]) if (isRead(room, seq)) this.#remove(room);
  }

  end(): void {
    for (const { stop } of this.#waiting.values()) stop();
    this.#waiting.clear();
    for (const room of [...this.#shown.keys()]) this.#remove(room);
  }

  #isToBeShown(message: Incoming): boolean {
    const { me, now, isLookedAt, status } = this.#host;
    const settings = this.#settings;
    return isToBeShown(message, { me, settings, isQuiet: isQuiet(settings, now()), isLookedAt, status });
  }

  #show(room: RoomId): void {
    const waiting = this.#waiting.get(room);
    this.#waiting.delete(room);
    if (waiting === undefined || !this.#isToBeShown(waiting.message)) return;
    const { message, count } = waiting;
    const { seq } = message;
    const clicked = (): void => {
      this.#remove(room);
      this.#host.open(room, seq);
    };
    const text = textOfNotification(message, count, this.#settings.showsText);
    try {
      const { close } = this.#host.notifier.show({ ...text, tag: `room ${room}`, clicked });
      this.#shown.delete(room);
      this.#shown.set(room, { seq, count, close });
    } catch {
      // The platform has the API and shows nothing, as browsers of phones do.
      this.#permission = "unsupported";
      this.#host.changed(this.state);
    }
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > SHOWN_MAX && oldest !== undefined) this.#remove(oldest);
  }

  #remove(room: RoomId): void {
    this.#shown.get(room)?.close();
    this.#shown.delete(room);
  }
}
