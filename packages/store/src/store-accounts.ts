import type { PublicUser, SessionId, UserId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

export interface UserRecord extends PublicUser {
  /** null: a guest, which cannot log in. */
  readonly passwordHash: string | null;
}

export interface Users {
  /**
   * `creationKey`: a hash of the id that the client gave, for `findCreated`.
   * @throws ProtocolError username_taken: the name, one that looks like it, or the creation key exists
   */
  create(user: {
    username: string;
    email?: string | undefined;
    passwordHash: string | null;
    creationKey?: string | undefined;
  }): Promise<PublicUser>;
  find(user: UserId): Promise<UserRecord | null>;
  /** By the name in any case of letters. */
  findByUsername(username: string): Promise<UserRecord | null>;
  /** The user that was created with this key in the last ten minutes. */
  findCreated(creationKey: string): Promise<UserRecord | null>;
  /** Whether an account has this name or one that looks like it. */
  looksTaken(username: string): Promise<boolean>;
  /** `known`: the hash that is replaced; false when it is not the present one any more. */
  updatePasswordHash(user: UserId, passwordHash: string, known?: string): Promise<boolean>;
  countGuests(): Promise<number>;
  /**
   * Reads one page of guests by id, and deletes guests without a session that were created before an instant. Their
   * messages stay. `next` undefined: it was the last page.
   */
  deleteIdleGuests(page: {
    after: UserId | undefined;
    limit: number;
    createdBefore: Date;
  }): Promise<{ deleted: number; next: UserId | undefined }>;
}

/** A session is a chain of refresh tokens, of which only hashes are kept, and of which one at a time is unused. */
export interface Sessions {
  /**
   * Ends the least recently used sessions of the user when there would be more than `max`.
   * @throws ProtocolError bad_credentials: the user has another password by now than the one that was checked
   */
  create(user: UserId, session: NewSession): Promise<{ session: SessionId; ended: readonly SessionId[] }>;
  /**
   * Replaces the refresh token. Of racing calls one wins and is `rotated`. A later one, within `graceMs` and before the
   * new token was used, is `grace`: it gets the salt of the winner, from which its caller makes the same new token. Any
   * other use of a used token is `reused` and revokes the session.
   */
  rotate(request: RotationRequest): Promise<Rotation>;
  /** Answers false when it was revoked before. `acting`: default the user of the session, here and below. */
  revoke(session: SessionId, acting?: Acting): Promise<boolean>;
  /** Answers the sessions that this call ended. */
  revokeAll(user: UserId, options?: { except?: SessionId | undefined }, acting?: Acting): Promise<readonly SessionId[]>;
  /** Answers false when the user has no such living session. */
  revokeOwn(user: UserId, session: SessionId, acting?: Acting): Promise<boolean>;
  isRevoked(session: SessionId): Promise<boolean>;
  /** Those of the given ones that are revoked. */
  revokedAmong(sessions: readonly SessionId[]): Promise<readonly SessionId[]>;
  /** Sessions revoked after `since` that were not published to gateways, oldest first. */
  untold(since: Date, limit: number): Promise<readonly SessionId[]>;
  setTold(sessions: readonly SessionId[]): Promise<void>;
  /** Marks all revocations after `since` as not published. */
  setUntold(since: Date): Promise<void>;
  /** The living sessions of a user, last used first. */
  list(user: UserId): Promise<readonly SessionRecord[]>;
  /** Whether a living session of the user was used from this address last. */
  isKnownAddress(user: UserId, address: string): Promise<boolean>;
  /** Deletes sessions that ended before an instant, with their tokens; answers how many, at most `limit`. */
  deleteEnded(before: Date, limit: number): Promise<number>;
  /**
   * Leaves of the addresses of sessions that were last used before an instant the /24 of IPv4 and the /48 of IPv6.
   * Answers how many it changed, at most `limit`.
   */
  truncateAddresses(before: Date, limit: number): Promise<number>;
}

export interface NewSession {
  readonly refreshHash: string;
  readonly expiresAt: Date;
  readonly address?: string | undefined;
  /** Guests come and go in numbers: their sessions are not in the audit. */
  readonly isGuest?: boolean | undefined;
  /** What the client says of itself. */
  readonly agent?: string | undefined;
  /** Living sessions of the user, this one included. */
  readonly max: number;
  /** The hash that the password was checked against. Absent: no password was. */
  readonly passwordHash?: string | undefined;
}

export interface SessionRecord {
  readonly id: SessionId;
  readonly createdAt: Date;
  readonly usedAt: Date;
  readonly address: string | null;
  readonly agent: string | null;
}

export interface RotationRequest {
  readonly oldHash: string;
  readonly newHash: string;
  /** The salt that the new token is derived with. */
  readonly salt: string;
  readonly graceMs: number;
  readonly address?: string | undefined;
  /** When the new token ends, and the session unless it is refreshed. */
  expiryOf(session: { createdAt: Date; isGuest: boolean }): Date;
}

export type Rotation =
  | {
      readonly state: "rotated" | "grace";
      readonly session: SessionId;
      readonly user: PublicUser;
      readonly salt: string;
    }
  | { readonly state: "reused"; readonly session: SessionId; readonly user: PublicUser }
  | { readonly state: "unknown" };
