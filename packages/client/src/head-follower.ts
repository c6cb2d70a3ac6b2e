import { type RoomId, type ServerFrame, type ServerFrameOf, SUBSCRIBE_MAX } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { errorOfFrame, HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import { callOwner } from "./owner.ts";

const SUBSCRIBE_TIMEOUT_MS = 60_000;
const RETRY_MS = 1_000;

export type Head = ServerFrameOf<"head">;

/** Called at most once a second for each room. */
export interface HeadListener {
  onHead(head: Head): void;
  /** The room is closed to this user. */
  onRefused?(room: RoomId, error: HubbubError): void;
}

export interface FollowerHost {
  /** undefined: there is no connection. */
  link(): Link | undefined;
  /** Whether the client has the events of the room, which say more. */
  hasEvents(room: RoomId): boolean;
}

/** Keeps rooms subscribed in head mode, with one frame for a thousand of them after each reconnect. */
export class HeadFollower {
  readonly #host: FollowerHost;
  /** Bounded by their owner, as the rooms are. */
  readonly #rooms = new Map<RoomId, HeadListener>();
  /** Rooms whose subscribe waits for another try. */
  readonly #again = new Set<RoomId>();
  readonly #retry = new Alarm();

  constructor(host: FollowerHost) {
    this.#host = host;
  }

  /** A room has one listener: the last one. Answers how to stop. */
  follow(rooms: readonly RoomId[], listener: HeadListener): () => void {
    for (const room of rooms) this.#rooms.set(room, listener);
    this.#ask(rooms);
    return () => {
      for (const room of rooms) if (this.#rooms.get(room) === listener) this.#stop(room);
    };
  }

  linkReady(): void {
    this.#ask([...this.#rooms.keys()]);
  }

  /** The client has let go of the events of a room. */
  released(room: RoomId): void {
    if (this.#rooms.has(room)) this.#ask([room]);
  }

  end(): void {
    this.#retry.clear();
  }

  /** true: the frame was about a room in head mode. */
  receive(frame: ServerFrame): boolean {
    if (frame.type === "head") {
      callOwner(() => this.#rooms.get(frame.room)?.onHead(frame));
      return true;
    }
    if (frame.type === "subscribed") return frame.mode === "head";
    if (frame.type === "removed") this.#refused(frame.room, new HubbubError("not_member"));
    if (frame.type === "error") this.#refusedOne(frame);
    return false;
  }

  #ask(rooms: readonly RoomId[]): void {
    const wanted = rooms.filter((room) => this.#rooms.has(room) && !this.#host.hasEvents(room));
    for (let at = 0; at < wanted.length; at += SUBSCRIBE_MAX) {
      const list = wanted.slice(at, at + SUBSCRIBE_MAX);
      const frame = { type: "subscribe", mode: "head", rooms: list.map((room) => ({ room })) } as const;
      this.#host.link()?.ask(frame, SUBSCRIBE_TIMEOUT_MS, (answer) => {
        // A refusal of a single room names it, and is taken as a frame.
        if (answer.ok || answer.error.room !== undefined || answer.error.code === "connection_lost") return;
        if (answer.error.shouldRetry()) this.#askAgain(list, answer.error);
        else for (const room of list) this.#refused(room, answer.error);
      });
    }
  }

  #refusedOne(frame: ServerFrameOf<"error">): void {
    if (frame.room === undefined || !this.#rooms.has(frame.room) || this.#host.hasEvents(frame.room)) return;
    const error = errorOfFrame(frame);
    if (error.shouldRetry()) this.#askAgain([frame.room], error);
    else this.#refused(frame.room, error);
  }

  #askAgain(rooms: readonly RoomId[], { retryAfterMs = RETRY_MS }: HubbubError): void {
    for (const room of rooms) this.#again.add(room);
    this.#retry.set(retryAfterMs, () => {
      const again = [...this.#again];
      this.#again.clear();
      this.#ask(again);
    });
  }

  #refused(room: RoomId, error: HubbubError): void {
    const listener = this.#rooms.get(room);
    this.#rooms.delete(room);
    callOwner(() => listener?.onRefused?.(room, error));
  }

  #stop(room: RoomId): void {
    this.#rooms.delete(room);
    if (this.#host.hasEvents(room)) return;
    this.#host.link()?.ask({ type: "unsubscribe", room }, SUBSCRIBE_TIMEOUT_MS, () => undefined);
  }
}
