import type { EventId, RoomEvent, RoomId, UserId } from "@hubbub/protocol";

/** Lists of messages that belong together. They hold what is committed. */
export interface Threads {
  /** The messages of a thread without its first, by rising seq. */
  replies(room: RoomId, root: number, page: { after: number; limit: number }): Promise<readonly RoomEvent[]>;
  /** A message and its edits by rising seq; with more than `limit` texts the newest. */
  revisions(room: RoomId, seq: number, limit: number): Promise<readonly RoomEvent[]>;
  /** The pinned messages by rising seq; with more than `limit` those that were pinned last. */
  pins(room: RoomId, limit: number): Promise<readonly RoomEvent[]>;
  /**
   * The event of a user with this id among the newest thousand that change a message; null: it is not there. Of an event that
   * was stored twice the first.
   */
  sentChange(room: RoomId, target: number, event: EventKey): Promise<SentChange | null>;
  /** `isFollowing` false: replies and mentions do not make the user follow the thread again. */
  follow(user: UserId, room: RoomId, root: number, isFollowing: boolean): Promise<void>;
  /** Moves the mark of a user who follows the thread, or has unfollowed it, forwards. */
  markRead(user: UserId, room: RoomId, root: number, seq: number): Promise<void>;
  /** What the user chose, or a reply or a mention did; null: neither. */
  isFollowing(user: UserId, room: RoomId, root: number): Promise<boolean | null>;
  /** The threads that a user follows, in rooms of which the user is a member; the newest reply first. */
  followed(
    user: UserId,
    page: { before: { at: number; room: string; seq: number }; limit: number },
  ): Promise<readonly FollowedThread[]>;
}

export interface EventKey {
  readonly user: UserId;
  readonly id: EventId;
}

export interface SentChange {
  readonly seq: number;
  readonly epoch: number;
  /** Unix ms. */
  readonly at: number;
}

export interface FollowedThread {
  readonly room: RoomId;
  readonly seq: number;
  /** Number of replies, seq and time (Unix ms) of the newest. */
  readonly count: number;
  readonly last: number;
  readonly at: number;
  /** Replies of others after the mark and the newest own reply, at most 100. */
  readonly unread: number;
}
