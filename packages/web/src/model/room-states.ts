import type { Client, Head, HubbubError, PersonalFrame } from "@hubbub/client";
import type { Preferences, PublicUser, RoomEvent, RoomId } from "@hubbub/protocol";
import { persist } from "./persist.ts";
import { type RoomStatus, statusOf, withHead, withHeard, withMention, withRead } from "./room-status.ts";

/** Counts that heads have made inexact are read again after this, and not more often. */
const REFRESH_MS = 20_000;

export type RoomStatuses = ReadonlyMap<RoomId, RoomStatus>;

export interface RoomStatesHost {
  readonly client: Pick<Client, "userState" | "followHeads" | "room" | "http">;
  readonly me: PublicUser;
  readonly signal: AbortSignal;
  /** Runs `work` after a time, once; answers how to stop. */
  later(work: () => void, ms: number): () => void;
  changed(statuses: RoomStatuses): void;
  /** A room that is not open has a newer event. */
  headed(head: Head): void;
  failed(error: unknown): void;
}

/** What the user has read and chosen in each joined room, kept up to date by heads, events and news of the user. */
export class RoomStates {
  readonly #host: RoomStatesHost;
  #all: RoomStatuses = new Map();
  #at: number | undefined;
  /** Bounded by the rooms of the user. The heads end with the client. */
  readonly #followed = new Set<RoomId>();
  #stopTimer: (() => void) | undefined;
  #reading: Promise<void> | undefined;

  constructor(host: RoomStatesHost) {
    this.#host = host;
    host.signal.addEventListener("abort", () => this.#stopTimer?.());
  }

  get all(): RoomStatuses {
    return this.#all;
  }

  /** Everything in the room up to here was read; undefined: not known. */
  readUpTo(room: RoomId): number | undefined {
    return this.#all.get(room)?.read;
  }

  /** Reads everything, and follows the heads of the rooms. Of several calls at once one is made. */
  load(): Promise<void> {
    this.#reading ??= this.#load(undefined).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  hear(news: PersonalFrame): void {
    if (news.kind === "read") this.#change(news.room, (status) => withRead(status, news.seq));
    if (news.kind === "notification") this.#change(news.room, (status) => withMention(status, news.seq));
    if (news.kind === "room") {
      const { room, level, starred } = news;
      this.#change(room, (status) => ({ ...status, level, starred }));
    }
    if (news.kind === "left") this.#without(news.room);
    if (news.kind === "joined") this.#refreshIn(0);
    if (news.kind === "missed") this.#refreshIn(news.afterMs);
  }

  /** The connection is back: heads may have been missed. */
  returned(): void {
    this.#refreshIn(0);
  }

  /** An event of a room that is open: its heads do not come. */
  heard(room: RoomId, event: RoomEvent): void {
    this.#change(room, (status) => withHeard(status, event, this.#host.me));
  }

  /** Everything up to `seq` was on the screen. */
  read(room: RoomId, seq: number): void {
    const status = this.#all.get(room);
    if (status === undefined || seq <= status.read) return;
    this.#host.client.room(room).markRead(seq);
    this.#change(room, (known) => withRead(known, seq));
  }

  /** Level of notifications, and star. Answers whether it was done. */
  async prefer(room: RoomId, wish: Partial<Preferences>): Promise<boolean> {
    try {
      const { level, starred } = await this.#host.client.http.prefer(room, wish);
      this.#change(room, (status) => ({ ...status, level, starred }));
      return true;
    } catch (error) {
      this.#host.failed(error);
      return false;
    }
  }

  /** Counts that may be too low are read again. */
  async #load(since: number | undefined): Promise<void> {
    const { client, signal } = this.#host;
    const state = await persist(() => client.userState(since), signal);
    if (state === undefined) return;
    const known = since === undefined ? new Map() : new Map(this.#all);
    for (const room of state.rooms) known.set(room.room, this.#merged(statusOf(room)));
    // A room was lost: another connection has left it.
    if (since !== undefined && known.size !== state.joined) return this.#load(undefined);
    this.#at = state.at;
    this.#set([...known.values()]);
    this.#follow();
  }

  /** What was told while the state was read is newer than it. */
  #merged(status: RoomStatus): RoomStatus {
    const before = this.#all.get(status.room);
    if (before === undefined) return status;
    const isNewer = before.head > status.head;
    const head = isNewer ? { head: before.head, last: before.last, isExact: false } : {};
    return withRead({ ...status, ...head }, before.read);
  }

  #follow(): void {
    const fresh = [...this.#all.keys()].filter((room) => !this.#followed.has(room));
    for (const room of fresh) this.#followed.add(room);
    const onHead = (head: Head): void => {
      this.#change(head.room, (status) => withHead(status, head, this.#host.me.id));
      this.#host.headed(head);
    };
    const onRefused = (room: RoomId, { code }: HubbubError): void => {
      this.#followed.delete(room);
      if (code === "not_member" || code === "unknown_room") this.#without(room);
    };
    if (fresh.length > 0) this.#host.client.followHeads(fresh, { onHead, onRefused });
  }

  #without(room: RoomId): void {
    this.#followed.delete(room);
    this.#set([...this.#all.values()].filter((status) => status.room !== room));
  }

  #refreshIn(ms: number): void {
    if (this.#stopTimer !== undefined) return;
    this.#stopTimer = this.#host.later(() => {
      this.#stopTimer = undefined;
      this.#load(this.#at).catch((error: unknown) => this.#host.failed(error));
    }, ms);
  }

  #change(room: RoomId, change: (status: RoomStatus) => RoomStatus): void {
    const before = this.#all.get(room);
    const after = before && change(before);
    if (after === undefined || after === before) return;
    this.#all = new Map(this.#all).set(room, after);
    if (!after.isExact) this.#refreshIn(REFRESH_MS);
    this.#tell();
  }

  #set(statuses: readonly RoomStatus[]): void {
    this.#all = new Map(statuses.map((status) => [status.room, status]));
    this.#tell();
  }

  #tell(): void {
    if (!this.#host.signal.aborted) this.#host.changed(this.#all);
  }
}
