import type { RoomId } from "@hubbub/protocol";

/** A place in the numbering of a room; seq 0: before its first event. */
export interface Position {
  readonly seq: number;
  readonly epoch: number;
}

/** What a connection sees of a room that it has subscribed. */
export interface SubscribedRoom {
  readonly id: RoomId;
  /** Connections that have the topic. Typed as `object`, because this file must not import the connection. */
  readonly listeners: { add(connection: object): unknown; delete(connection: object): unknown };
  /** Recent events, for a catch-up without a read: those after `floor`. */
  readonly ring: { readonly floor: number; after(seq: number, maxBytes: number): readonly Buffer[] };
  /** The seq up to which everything was published, gathered, or announced as a gap. */
  readonly last: number;
  /** The seq up to which events were published. The gathered ones follow. */
  readonly published: number;
  /** 0: nobody has numbered the room yet. */
  readonly epoch: number;
  /** The epoch as the listeners know it: that of everything up to `last`. */
  readonly toldEpoch: number;
  /** The highest mark that may be told to a listener that has everything up to `last`. */
  readonly mark: number;
  /** Publishes the gathered frames now, so that a joining connection neither misses them nor gets them twice. */
  flush(): void;
}

/**
 * A room on a connection. `joining`: what was missed is on its way; `live`: has the topic; `paused`: fell behind, and
 * will be caught up from `seen`; `head`: has the topic of heads; `unwanted`: the client has unsubscribed. If the connection
 * has another object for the room, this one has ended.
 */
export interface Subscription {
  state: "joining" | "live" | "paused" | "head" | "unwanted";
  /** null until the hub has the room. */
  live: SubscribedRoom | null;
  /** While paused: up to where everything was sent. */
  seen: Position;
}

export function topicOf(room: RoomId, state: Subscription["state"]): string {
  return state === "head" ? `head:${room}` : room;
}
