import type { PublicUser, SessionId, UserId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

/**
 * What users have besides a password to sign in with. Hashes and encrypted secrets only. A change writes its entry of the audit in the same
 * transaction; `acting`: default the user.
 */
export interface Signin {
  readonly steps: SigninSteps;
  readonly factors: SecondFactors;
  readonly passkeys: Passkeys;
  readonly tokens: AccessTokens;
  readonly identities: Identities;
  /** Deletes steps and tokens that ended before an instant; answers how many, at most `limit` of each. */
  deleteEnded(before: Date, limit: number): Promise<number>;
}

/** A sign-in in progress. `data`: what the api must remember, as JSON. */
export interface SigninStep {
  readonly kind: string;
  readonly user: UserId | null;
  readonly data: string;
}

export interface SigninSteps {
  /**
   * Of a user the oldest steps beyond `max` go. Of an address beyond `max`, and of all beyond `total`, nothing begins.
   */
  begin(step: NewStep): Promise<"begun" | "address_full" | "full">;
  /** Counts one attempt. null: unknown, of another kind, expired, or `attemptsMax` were made. */
  attempt(hash: string, kind: string, attemptsMax: number): Promise<SigninStep | null>;
  /** Takes the step away: of racing calls one gets it. */
  take(hash: string, kind: string): Promise<SigninStep | null>;
}

export interface NewStep extends SigninStep {
  readonly hash: string;
  readonly address: string;
  readonly expiresAt: Date;
  /** Living steps of the user, or of the address where there is no user. */
  readonly max: number;
  /** Living steps without a user. */
  readonly total: number;
}

/** The second factors that a login of this user asks for; none: the password is enough. */
export interface Factors {
  readonly totp: boolean;
  readonly passkey: boolean;
  readonly recoveryCodes: number;
}

export interface SecondFactors {
  of(user: UserId): Promise<Factors>;
  /** Replaces a secret that was not confirmed. False: a confirmed one is there. */
  begin(user: UserId, secret: string): Promise<boolean>;
  find(user: UserId): Promise<{ readonly secret: string; readonly isConfirmed: boolean } | null>;
  /** Of racing calls with one step one gets true. `secret`: the one that the code was checked with. */
  useStep(user: UserId, secret: string, step: number): Promise<boolean>;
  /** True: this call confirmed it. */
  confirm(user: UserId, acting?: Acting): Promise<boolean>;
  /** The same secret under another key. */
  rewrap(user: UserId, known: string, secret: string): Promise<void>;
  remove(user: UserId, acting?: Acting): Promise<boolean>;
  /** Turns every second factor off. Passkeys stay, and log in alone. False: there was none. */
  reset(user: UserId, acting?: Acting): Promise<boolean>;
  replaceRecoveryCodes(user: UserId, hashes: readonly string[], acting?: Acting): Promise<void>;
  /** Of racing calls with one code one gets true. */
  useRecoveryCode(user: UserId, hash: string): Promise<boolean>;
}

export interface Passkey {
  readonly id: string;
  readonly user: PublicUser;
  readonly name: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly isSecondFactor: boolean;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
}

export interface Passkeys {
  add(
    user: UserId,
    passkey: Pick<Passkey, "id" | "name" | "publicKey" | "counter" | "transports" | "isSecondFactor">,
    max: number,
    acting?: Acting,
  ): Promise<"added" | "exists" | "full">;
  list(user: UserId): Promise<readonly Passkey[]>;
  find(id: string): Promise<Passkey | null>;
  /** False: the counter is not above the stored one (both 0: an authenticator without a counter). */
  use(id: string, counter: number): Promise<boolean>;
  remove(user: UserId, id: string, acting?: Acting): Promise<boolean>;
}

export interface AccessToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

export interface AccessTokens {
  /** null: the user has `max` living tokens. */
  create(
    user: UserId,
    token: {
      readonly hash: string;
      readonly name: string;
      readonly scopes: readonly string[];
      readonly expiresAt: Date;
    },
    max: number,
    acting?: Acting,
  ): Promise<AccessToken | null>;
  /** The living tokens of the user, newest first. */
  list(user: UserId): Promise<readonly AccessToken[]>;
  /**
   * The living token of this hash, with the session that it stands for. Begins a session if it has none. Writes
   * `usedAt` at most once a minute.
   */
  use(hash: string): Promise<(AccessToken & { readonly user: PublicUser; readonly session: SessionId }) | null>;
  /** Deletes it and ends its sessions, which are answered. null: the user has no such token. */
  revoke(user: UserId, id: string, acting?: Acting): Promise<readonly SessionId[] | null>;
  /** The same for all tokens of the user. */
  revokeAll(
    user: UserId,
    acting?: Acting,
  ): Promise<{ readonly tokens: number; readonly sessions: readonly SessionId[] }>;
}

export interface Identity {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
}

export interface Identities {
  /** The user that the identity signs in; notes the use. */
  use(issuer: string, subject: string): Promise<PublicUser | null>;
  /** `taken`: it signs in another user. */
  link(
    user: UserId,
    identity: { readonly issuer: string; readonly subject: string },
    max: number,
    acting?: Acting,
  ): Promise<"linked" | "taken" | "full">;
  list(user: UserId): Promise<readonly Identity[]>;
  remove(user: UserId, id: string, acting?: Acting): Promise<boolean>;
}
