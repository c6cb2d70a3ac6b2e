import type { PublicUser, Scope, SessionId } from "@hubbub/protocol";

/** From the token of the hello. `expiresAt`: Unix seconds, as in the token; a small integer takes no memory of its own. */
export interface Identity {
  readonly user: PublicUser;
  readonly session: SessionId;
  readonly expiresAt: number;
  /** Of a personal access token; undefined: a login. */
  readonly scopes: readonly Scope[] | undefined;
}
