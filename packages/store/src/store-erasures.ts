import type { RoomId, SessionId, UserId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";
import type { Departure } from "./store-rooms.ts";

/** An entry of the ledger. It names nobody: with the rows of the user gone, the id leads nowhere. */
export interface ErasureRecord {
  readonly user: UserId;
  readonly requestedAt: Date;
  readonly doneAt: Date | null;
}

/** What is left to do of one erasure. */
export interface OpenErasure {
  readonly user: UserId;
  /** The name that the user has since. */
  readonly username: string;
  readonly hasBegun: boolean;
}

export interface ErasureRoom {
  readonly room: RoomId;
  readonly isDirect: boolean;
  /** false: a process may still write what it had read of the source of this derived room. */
  readonly isDue: boolean;
  readonly seq: number;
  readonly upTo: number | null;
  readonly isDeleted: boolean;
}

/**
 * Erasure of users. `request` takes away at once by what somebody could log in or be recognised; what users have left in rooms is
 * taken away in steps, by the process with the lease. Every step may be repeated.
 */
export interface Erasures {
  /**
   * Notes the erasure in the ledger, empties the account and ends its sessions, in one transaction. `at`: when it was requested, for a
   * replay. `acting`: default the user. Returns the sessions that ended; null: there is no such user, or the erasure is noted already.
   */
  request(user: UserId, at?: Date, acting?: Acting): Promise<readonly SessionId[] | null>;
  /** For a replay: notes an erasure whose user this store never had. */
  note(erasure: ErasureRecord): Promise<void>;
  /** Oldest id first. */
  ledger(after: UserId | null, limit: number): Promise<readonly ErasureRecord[]>;
  /** Takes or renews the lease of an erasure that was requested before a time. null: there is none, or others have them. */
  claim(owner: string, ttlMs: number, requestedBefore: Date): Promise<OpenErasure | null>;
  /** Lists the rooms that the user is in or was in, and ends sessions that began meanwhile. Returns those. */
  begin(user: UserId): Promise<readonly SessionId[]>;
  /** The next room that is not done; one that is due, if there is any. */
  nextRoom(user: UserId): Promise<ErasureRoom | null>;
  setRoom(user: UserId, room: Omit<ErasureRoom, "isDirect" | "isDue">): Promise<void>;
  /**
   * Messages of the user after `after` that are not deleted, rising. `last`: the seq up to which rows were looked at; null: there
   * are no rows after `after`.
   */
  messages(
    user: UserId,
    room: RoomId,
    after: number,
    limit: { readonly messages: number; readonly rows: number },
  ): Promise<{ readonly seqs: readonly number[]; readonly last: number | null }>;
  /** Takes the rows and the salts of the user's records after `after`, up to `to`, and of those that standing queries derived from them. */
  emptyRecords(user: UserId, room: RoomId, range: { readonly after: number; readonly to: number }): Promise<void>;
  /** Takes the user out of a room that is not direct. `heir`: the longest member, who becomes the owner of a room without one. */
  leave(user: UserId, room: RoomId): Promise<{ readonly departure: Departure; readonly heir: UserId | null }>;
  /** The derived rooms of the room come next. Its standing queries rest until nobody can write what they read before. */
  finishRoom(user: UserId, room: RoomId): Promise<void>;
  /** One batch of rows that lie outside of rooms. Returns how many there were; 0: nothing is left. */
  clear(user: UserId, limit: number): Promise<number>;
  finish(user: UserId): Promise<void>;
}
