import type { PublicUser, RoomId, UserId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

export interface Bot {
  readonly user: PublicUser;
  readonly createdAt: Date;
}

export interface IncomingHook {
  readonly id: string;
  readonly room: RoomId;
  readonly bot: PublicUser;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
}

/** Bots of users, and the addresses that post as one. */
export interface Bots {
  /**
   * `isNew`: false where the owner has a bot of this name, which is answered. null: the owner has `max`.
   * @throws ProtocolError username_taken
   */
  create(
    owner: UserId,
    bot: { readonly username: string; readonly passwordHash: string },
    max: number,
    acting: Acting,
  ): Promise<(Bot & { readonly isNew: boolean }) | null>;
  list(owner: UserId): Promise<readonly Bot[]>;
  /** null: the owner has no such bot. */
  find(owner: UserId, bot: UserId): Promise<Bot | null>;
  /** With its hooks. The account stays as the author of what it wrote. false: the owner has no such bot. */
  delete(owner: UserId, bot: UserId, acting: Acting): Promise<boolean>;

  /** null: the room has `max`. */
  addHook(
    hook: { readonly room: RoomId; readonly bot: UserId; readonly secretHash: string },
    max: number,
    acting: Acting,
  ): Promise<IncomingHook | null>;
  hooks(room: RoomId): Promise<readonly IncomingHook[]>;
  /** false: the room has no such hook. */
  removeHook(room: RoomId, id: string, acting: Acting): Promise<boolean>;
  /** The hook with this secret. Writes `usedAt` at most once a minute. @throws ProtocolError account_suspended */
  useHook(id: string, secretHash: string): Promise<IncomingHook | null>;
}
