import type { PublicUser, Role, RoomId, RoomSettings, Standing, UserId, Visibility } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

/** How long a deleted room can come back; then it is erased. */
export const ROOM_KEPT_MS = 7 * 86_400_000;

export interface RoomRecord {
  readonly id: RoomId;
  readonly name: string;
  readonly visibility: Visibility;
  readonly topic: string;
  /** undefined: none. */
  readonly settings?: RoomSettings | undefined;
}

export interface Rooms {
  /**
   * The creator becomes the owner. A repeated `creationId` of the same creator returns the room of the first call.
   * @throws ProtocolError room_name_taken
   */
  create(room: {
    name: string;
    visibility: Visibility;
    topic: string;
    createdBy: UserId;
    creationId?: string | undefined;
  }): Promise<RoomRecord & { isNew: boolean }>;
  /** Before the user announces something: the room of announcements is there, and the audit has the act. */
  announce(user: UserId, acting: Acting): Promise<void>;
  /** null also for a room that was closed. */
  find(room: RoomId): Promise<RoomRecord | null>;
  /**
   * Changes what is given; null: there is no such room. `archived` of the settings stays as it is.
   * @throws ProtocolError room_name_taken
   */
  change(
    room: RoomId,
    change: { name?: string | undefined; topic?: string | undefined; settings?: RoomSettings | undefined },
    acting: Acting,
  ): Promise<RoomRecord | null>;
  setArchived(room: RoomId, isArchived: boolean, acting: Acting): Promise<RoomRecord | null>;
  /** From then on nobody finds the room. false: it was closed before. */
  close(room: RoomId, acting: Acting): Promise<boolean>;
  /** Whether the room is closed, and the user an owner of it. */
  isClosedOf(room: RoomId, user: UserId): Promise<boolean>;
  /** Makes a room open again that was closed since a time; later ones are being erased. @throws ProtocolError room_name_taken */
  reopen(room: RoomId, closedSince: Date, acting: Acting): Promise<boolean>;
  /**
   * Deletes what the room that was closed first holds, if that was before a time: at most `limit` rows of each kind. Returns the number of
   * deleted rows; 0: there is no such room.
   */
  erase(closedBefore: Date, limit: number): Promise<number>;
  /** The direct room of these users, made at the first call. @throws ProtocolError forbidden: one of them has blocked another */
  direct(users: readonly UserId[]): Promise<RoomRecord & { isNew: boolean }>;
  /** What a user sees as the names of direct rooms, in their order: the names of the others; null: not a direct room. */
  directNames(user: UserId, rooms: readonly RoomId[]): Promise<readonly (string | null)[]>;
  /**
   * Rooms the user has joined, or (joined false) public ones not joined, or (undefined) both; by name, keyset cursor.
   * `query`: part of the name. `name`: the whole name. Both as `roomNameKey` sees them. A page may hold fewer rooms
   * than its limit, or none, and still have a cursor: the work of a page is bounded.
   */
  list(
    user: UserId,
    filter: {
      joined?: boolean | undefined;
      query?: string | undefined;
      name?: string | undefined;
      cursor?: string | undefined;
      limit: number;
    },
  ): Promise<{ rooms: readonly (RoomRecord & { role: Role | null })[]; cursor: string | undefined }>;
  /**
   * Takes the next epoch of a room, numbered above `seen` and above everything stored, plus `jump` when the room had an
   * epoch before. No epoch is given out twice. The first epoch is 1; later epochs rise by a random step of 1 to 2^20,
   * so that a restored database does not repeat the epochs that it gave out before. `epochSeen`: the highest that the
   * log has: the new one is above it too.
   */
  beginEpoch(room: RoomId, seen: number, jump: number, epochSeen?: number): Promise<{ epoch: number; head: number }>;
  /**
   * Whether the room ever had this epoch, above which number it began (null: not known), and the next one (null: there
   * is none yet), which numbers above `head`: higher numbers of the epoch that was asked for were never given out here.
   * One that was begun and never used is left out once an earlier epoch has an event above its `head`.
   */
  epochAround(
    room: RoomId,
    epoch: number,
  ): Promise<{
    isKnown: boolean;
    begin: number | null;
    next: { readonly epoch: number; readonly head: number } | null;
  }>;
}

/**
 * `absent`: was no member. `last_owner`: others are in the room and none of them owns it. `alone`: the last member must
 * say that the room is to be closed. In the last two cases nothing was changed.
 */
export type Departure = "left" | "absent" | "last_owner" | "alone";

/** `brought`: by somebody else. `asked`: by the user's own wish. `invited`: by both. */
export type WayIn = "brought" | "asked" | "invited";

export interface Members {
  /**
   * false when already a member. `head`: the newest event of the room.
   * @throws ProtocolError unknown_room: the room was closed; banned; has_left: `brought` after leaving; forbidden: `asked` after a removal
   */
  add(room: RoomId, user: UserId, role: Role, way?: WayIn, head?: number): Promise<boolean>;
  /** Whether the user was in the room and left it, without being removed. */
  hasLeft(room: RoomId, user: UserId): Promise<boolean>;
  /** `mayClose`: the last member closes the room. */
  leave(room: RoomId, user: UserId, how?: { mayClose?: boolean }): Promise<Departure>;
  /** Takes a member out of the room, who then needs an invitation to come back. */
  remove(room: RoomId, user: UserId, acting: Acting): Promise<Departure>;
  /** A room that has members keeps an owner. */
  setRole(room: RoomId, user: UserId, role: Role, acting: Acting): Promise<"set" | "absent" | "last_owner">;
  /** null: the mute ends. false: not a member. */
  mute(room: RoomId, user: UserId, until: Date | null, acting: Acting): Promise<boolean>;
  /** One statement for any number of pairs, in their order; null: not a member, or the room was closed. */
  standings(pairs: readonly { room: RoomId; user: UserId }[]): Promise<readonly (Standing | null)[]>;
  roles(pairs: readonly { room: RoomId; user: UserId }[]): Promise<readonly (Role | null)[]>;
  /** Whether the room has more members than that. No more than one beyond it are counted. */
  exceed(room: RoomId, count: number): Promise<boolean>;
  list(
    room: RoomId,
    page: { cursor?: string | undefined; limit: number },
  ): Promise<{ members: readonly { user: PublicUser; role: Role }[]; cursor: string | undefined }>;
}

export interface Bans {
  /** Takes the member out of the room too. A second ban replaces the first. Returns whether the user was a member. */
  add(
    room: RoomId,
    user: UserId,
    ban: { by: UserId; address?: string | undefined; reason: string; until: Date | null },
  ): Promise<{ wasMember: boolean }>;
  remove(room: RoomId, user: UserId, acting: Acting): Promise<boolean>;
  /** Bans that have not ended, by user id. */
  list(
    room: RoomId,
    page: { cursor?: string | undefined; limit: number },
  ): Promise<{ bans: readonly BanRecord[]; cursor: string | undefined }>;
}

export interface BanRecord {
  readonly user: PublicUser;
  readonly by: UserId;
  readonly at: number;
  readonly reason: string;
  readonly until: number | undefined;
}

export interface Invites {
  create(invite: {
    room: RoomId;
    by: UserId;
    address?: string | undefined;
    codeHash: string;
    role: InviteRecord["role"];
    expiresAt: Date;
    uses: number;
  }): Promise<InviteRecord>;
  /** Links that can still be used; at most 100. */
  list(room: RoomId): Promise<readonly InviteRecord[]>;
  revoke(room: RoomId, id: string, acting: Acting): Promise<boolean>;
  /** null: expired, used up, revoked, or its room was closed. */
  find(codeHash: string): Promise<{ room: RoomRecord; members: number; role: InviteRecord["role"] } | null>;
  /** Takes one use; false: there is none left. @throws ProtocolError banned, forbidden (was removed): and nothing is taken */
  use(codeHash: string, user: UserId): Promise<boolean>;
  /** Invites one user. false: is a member, or was invited before. @throws ProtocolError banned */
  inviteUser(room: RoomId, user: UserId, by: UserId, address?: string): Promise<boolean>;
  /** The newest 100. */
  invitations(user: UserId): Promise<readonly { room: RoomId; name: string; by: PublicUser; at: number }[]>;
  /** Whether there is an invitation, however many the user has. */
  isInvited(room: RoomId, user: UserId): Promise<boolean>;
  /** Ends an invitation; false: there is none. */
  takeInvitation(room: RoomId, user: UserId): Promise<boolean>;
  /** Deletes links that have expired. */
  deleteExpired(limit: number): Promise<number>;
}

export interface InviteRecord {
  readonly id: string;
  readonly role: "guest" | "member";
  readonly by: UserId;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usesLeft: number;
}

export interface Blocks {
  add(user: UserId, blocked: UserId): Promise<void>;
  remove(user: UserId, blocked: UserId): Promise<void>;
  /** Whether `user` has blocked `blocked`. */
  has(user: UserId, blocked: UserId): Promise<boolean>;
  /** Those of the users who have blocked `blocked`. */
  blockersOf(blocked: UserId, users: readonly UserId[]): Promise<ReadonlySet<UserId>>;
  /** At most 1,000, the newest first. */
  list(user: UserId): Promise<readonly PublicUser[]>;
  /** Direct rooms of two users. */
  directRooms(user: UserId, other: UserId): Promise<readonly RoomId[]>;
}
