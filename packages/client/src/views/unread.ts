import type { RoomState } from "@hubbub/protocol";
import type { Client } from "../client.ts";
import type { HubbubError } from "../hubbub-error.ts";
import { Polled } from "./polled.ts";

/** Read marks of other connections come at once where the client is told of them, else by this. */
const ASK_MS = 60_000;
/** Behind news: the server counts, and once for all that come together. */
const NEWS_MS = 1_000;
/** Own marks are stored by then. */
const OWN_MS = 3_000;
/** Calls of `readUpTo` that wait for the rooms; at the bound the oldest are answered with nothing. */
const WAITING_MAX = 100;

export interface UnreadSnapshot {
  /** The rooms are known. */
  readonly isLoaded: boolean;
  /** Why the newest answer did not come; the rest is as it was. */
  readonly error: HubbubError | undefined;
  /** All joined rooms with `unread`, `mentions`, `read` and `last`, by their ids. */
  readonly rooms: ReadonlyMap<string, RoomState>;
  /** Of all rooms together. */
  readonly unread: number;
  readonly mentions: number;
}

/** What is new in all rooms of the user. Follows their heads; the server counts. */
export class Unread extends Polled<UnreadSnapshot> {
  #rooms: ReadonlyMap<string, RoomState> = new Map();
  #since: number | undefined;
  #stopHeads: () => void = () => undefined;
  #stopNews: () => void = () => undefined;
  #followed = new Set<string>();
  #waiting: (() => void)[] = [];

  constructor(client: Client) {
    super(client, ASK_MS);
  }

  /** Everything of the room up to `seq` was read. */
  markRead(room: string, seq: number): void {
    this.client.room(room).markRead(seq);
    const known = this.#rooms.get(room);
    if (known === undefined || known.read >= seq) return;
    const isAll = seq >= known.head;
    const counts = isAll ? { unread: 0, mentions: 0 } : {};
    this.#rooms = new Map(this.#rooms).set(room, { ...known, read: seq, ...counts });
    this.changed();
    this.askSoon(OWN_MS);
  }

  /**
   * Where the user has read in a room; undefined: it is none of theirs. Waits until somebody listens and the rooms are known,
   * or until the client ends.
   */
  async readUpTo(room: string): Promise<number | undefined> {
    if (this.#since === undefined && this.client.state.state !== "closed") {
      const stop = this.client.on("state", ({ state }) => state === "closed" && this.#told());
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()?.();
      });
      stop();
    }
    return this.#rooms.get(room)?.read;
  }

  /** @internal */
  protected override start(): void {
    this.#stopNews = this.client.on("personal", (news) => {
      if (news.kind === "missed") this.askSoon(news.afterMs);
      else if (news.kind === "read" || news.kind === "room" || news.kind === "joined" || news.kind === "left") {
        // A room that was left is told by no state that has a `since`.
        if (news.kind === "left") this.#since = undefined;
        this.askSoon(NEWS_MS);
      }
    });
    super.start();
  }

  /** @internal */
  protected override stop(): void {
    super.stop();
    this.#stopNews();
    this.#stopHeads();
    this.#followed = new Set();
    this.#since = undefined;
    this.#told();
  }

  /** @internal */
  protected async load(isOver: () => boolean): Promise<void> {
    let { rooms, joined, at } = await this.client.userState(this.#since);
    const known = this.#since === undefined ? new Map<string, RoomState>() : new Map(this.#rooms);
    for (const room of rooms) known.set(room.room, room);
    if (known.size !== joined && this.#since !== undefined) {
      ({ rooms, joined, at } = await this.client.userState());
      known.clear();
      for (const room of rooms) known.set(room.room, room);
    }
    if (isOver()) return;
    this.#rooms = known;
    this.#since = at;
    this.#follow();
    this.#told();
  }

  /** @internal */
  protected read(): UnreadSnapshot {
    const rooms = [...this.#rooms.values()];
    return {
      isLoaded: this.#since !== undefined,
      error: this.error,
      rooms: this.#rooms,
      unread: rooms.reduce((sum, { unread }) => sum + unread, 0),
      mentions: rooms.reduce((sum, { mentions }) => sum + mentions, 0),
    };
  }

  #follow(): void {
    const rooms = [...this.#rooms.keys()];
    if (rooms.length === this.#followed.size && rooms.every((room) => this.#followed.has(room))) return;
    this.#stopHeads();
    this.#followed = new Set(rooms);
    this.#stopHeads = this.client.followHeads(rooms, {
      onHead: ({ room, seq }) => {
        if (seq > (this.#rooms.get(room)?.head ?? 0)) this.askSoon(NEWS_MS);
      },
    });
  }

  #told(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
