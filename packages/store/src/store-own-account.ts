import type { Profile, ProfileChange, PublicProfile, SessionId, UserId } from "@hubbub/protocol";

/** Changes of what an account logs in with. Each call is one transaction, with its entry of the audit. `address`: of the client. */
export interface Accounts {
  /**
   * Makes the guest of a living session an account with the same id. `already`: it is one, and nothing was changed.
   * `ended`: the guest or its session is gone. The id that created the guest opens no session any more.
   * @throws ProtocolError username_taken
   */
  upgrade(
    user: UserId,
    session: SessionId,
    account: NewAccount,
    address?: string,
  ): Promise<"upgraded" | "already" | "ended">;
  /**
   * Replaces the hash `known`, ends all sessions but `except`, and makes void all codes that were sent by mail. Answers
   * the ended sessions, or null: the user has another password by now.
   */
  changePassword(
    user: UserId,
    change: { known: string; passwordHash: string; except: SessionId; address?: string | undefined },
  ): Promise<readonly SessionId[] | null>;
  find(user: UserId): Promise<AccountRecord | null>;
  /** The account that verified this address, in any case of letters. */
  findByEmail(address: string): Promise<AccountRecord | null>;
  /** Removes the address and makes void all codes that were sent by mail. Answers the address if it was verified. */
  removeEmail(user: UserId, address?: string): Promise<string | null>;
}

export interface NewAccount {
  readonly username: string;
  readonly email?: string | undefined;
  readonly passwordHash: string;
}

export interface AccountRecord extends PublicProfile {
  readonly createdAt: Date;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
}

export interface Profiles {
  /** The profile of the caller or of a user in a common room; null for any other user. */
  find(user: UserId, asker: UserId): Promise<PublicProfile | null>;
  /** Answers the whole profile. */
  change(user: UserId, change: ProfileChange): Promise<Profile>;
  /** Begins an avatar: the caller puts the content under this hash. false: the same content is just being removed, try again. */
  takeAvatar(hash: string): Promise<boolean>;
  /** What the user had before is swept. null: none. false: the content was removed meanwhile, or the account is gone. */
  setAvatar(user: UserId, hash: string | null): Promise<boolean>;
  /** The account whose name has this skeleton. */
  ownerOfSkeleton(skeleton: string): Promise<UserId | null>;
}

/** Codes that were sent by mail. Only hashes are kept. */
export interface MailCodes {
  /** False, and nothing is stored: the user got `perHour` codes in the last hour. */
  issue(code: NewMailCode, perHour: number): Promise<boolean>;
  /** The user of a code that can still be used to set a new password. */
  findReset(hash: string): Promise<{ user: UserId; username: string } | null>;
  /**
   * Uses the code: its address becomes the verified one of the user, and all other codes of the user become void.
   * Repeated, it answers the same. null: wrong, used for something else, void or expired.
   * @throws ProtocolError email_taken
   */
  confirm(hash: string, address?: string): Promise<ConfirmedEmail | null>;
  /** Uses the code: sets the password, ends all sessions, makes all other codes of the user void. null: as above. */
  reset(
    hash: string,
    passwordHash: string,
    address?: string,
  ): Promise<{ user: UserId; username: string; address: string; ended: readonly SessionId[] } | null>;
  /** Deletes codes that expired before an instant; answers how many, at most `limit`. */
  deleteExpired(before: Date, limit: number): Promise<number>;
}

export interface NewMailCode {
  readonly hash: string;
  readonly user: UserId;
  readonly purpose: "confirm" | "reset";
  readonly address: string;
  readonly ttlMs: number;
}

export interface ConfirmedEmail {
  readonly user: UserId;
  readonly username: string;
  readonly address: string;
  /** The verified address that this one replaced; null: there was none, or the code was used before. */
  readonly previous: string | null;
}
