import type {
  PublicUser,
  Role,
  RoomId,
  RoomSettings,
  ServerRole,
  SessionId,
  UserId,
  Visibility,
} from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

/** What operators and people with a server role do and see, in all rooms and of all accounts. */
export interface Admin {
  /** null: none. */
  roleOf(user: UserId): Promise<ServerRole | null>;
  /** `role`: null takes it away. Answers false when the user had it before. @throws ProtocolError unknown_user; forbidden: a guest */
  setRole(user: UserId, role: ServerRole | null, acting: Acting): Promise<boolean>;
  /** A suspension that holds now; null: none. */
  suspensionOf(user: UserId): Promise<Suspension | null>;
  /**
   * Replaces an earlier suspension. Answers the sessions that it ended, to be told to gateways. Until it ends no session of the user
   * begins, and personal access tokens are refused.
   * @throws ProtocolError unknown_user; forbidden: the user has a server role, and `spares` says that this keeps them
   */
  suspend(
    user: UserId,
    suspension: { readonly reason: string; readonly until: Date | null; readonly spares?: boolean },
    acting: Acting,
  ): Promise<readonly SessionId[]>;
  /** Answers false when the user was not suspended. @throws ProtocolError unknown_user, forbidden: as `suspend` */
  unsuspend(user: UserId, acting: Acting, how?: { readonly spares?: boolean }): Promise<boolean>;
  /** In the order of their sign-up. A page may have fewer users than `limit`, or none, and another one after it. */
  users(page: Page & { readonly suspended?: boolean | undefined }): Promise<Paged<"users", AdminUser>>;
  user(user: UserId): Promise<AdminUser | null>;
  /** All rooms, closed ones too, in the order of their creation. Pages as of `users`. */
  rooms(page: Page): Promise<Paged<"rooms", AdminRoom>>;
  room(room: RoomId): Promise<AdminRoom | null>;
  /** Rooms of exactly this name, at most `limit`. */
  roomsNamed(name: string, limit: number): Promise<readonly AdminRoom[]>;
  /** The rooms that a user is a member of. */
  roomsOf(user: UserId, page: Page): Promise<Paged<"rooms", AdminRoom & { readonly role: Role }>>;
}

/** `search`: a part of the name. `cursor`: of the page before. */
export interface Page {
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export type Paged<Name extends string, Item> = { readonly [Key in Name]: readonly Item[] } & {
  /** undefined: this was the last page. */
  readonly cursor: string | undefined;
};

export interface Suspension {
  readonly reason: string;
  readonly at: Date;
  /** null: it has no end. */
  readonly until: Date | null;
}

export interface AdminUser {
  readonly user: PublicUser;
  readonly isGuest: boolean;
  readonly createdAt: Date;
  readonly role: ServerRole | null;
  readonly suspension: Suspension | null;
}

export interface AdminRoom {
  readonly id: RoomId;
  readonly name: string;
  readonly visibility: Visibility;
  readonly topic: string;
  readonly settings: RoomSettings | null;
  readonly createdAt: Date;
  /** When it was deleted; null: it is there. */
  readonly closedAt: Date | null;
  readonly members: number;
}
