import type { AccountInfo, Profile, ProfileChange, PublicProfile, PublicUser, SessionInfo } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import type { HubbubHttp } from "./http.ts";
import type { Proof } from "./signin.ts";

/** The own account, one method per call. Every refusal is a `HubbubError`. */
export class HubbubAccount {
  readonly #http: HubbubHttp;

  /** `http` without a token can confirm an address and reset a password, and nothing else. */
  constructor(http: HubbubHttp) {
    this.#http = http;
  }

  get(): Promise<AccountInfo> {
    return this.#http.request("GET", "/me/account");
  }

  /**
   * Makes the guest an account with the same id, sessions, connections and messages. May be repeated after an error. The
   * new name is in the next access token: call `renew` of the `Client` behind it.
   */
  async upgrade(body: { username: string; password: string; email?: string | undefined }): Promise<PublicUser> {
    return (await this.#http.request<{ user: PublicUser }>("POST", "/me/account", body)).user;
  }

  /** null removes a value. Answers the whole profile. */
  changeProfile(change: ProfileChange): Promise<Profile> {
    return this.#http.request("PATCH", "/me", change);
  }

  /** @throws HubbubError unknown_user: also for users who share no room with the caller */
  profile(user: string): Promise<PublicProfile> {
    return this.#http.request("GET", `/users/${encodeURIComponent(user)}`);
  }

  /** Ends all other sessions. */
  changePassword(body: { currentPassword: string; newPassword: string }): Promise<void> {
    return this.#http.request("PUT", "/me/password", body);
  }

  async sessions(): Promise<readonly SessionInfo[]> {
    return withLists(await this.#http.request<{ sessions: SessionInfo[] }>("GET", "/me/sessions"), "sessions").sessions;
  }

  endSession(session: string): Promise<void> {
    return this.#http.request("DELETE", `/me/sessions/${encodeURIComponent(session)}`);
  }

  /** `isOthers`: all but this one. */
  endSessions({ isOthers = false } = {}): Promise<void> {
    return this.#http.request("DELETE", isOthers ? "/me/sessions?others=true" : "/me/sessions");
  }

  /** Erases the account at once, its messages and files in the background. It cannot be undone. @throws HubbubError proof_required */
  erase(proof: Proof = {}): Promise<void> {
    return this.#http.request("DELETE", "/me", proof);
  }

  /** No direct messages, mentions or invitations of theirs any more. @throws HubbubError unknown_user */
  block(user: string): Promise<void> {
    return this.#http.request("PUT", `/me/blocks/${encodeURIComponent(user)}`);
  }

  unblock(user: string): Promise<void> {
    return this.#http.request("DELETE", `/me/blocks/${encodeURIComponent(user)}`);
  }

  /** The newest 1,000. */
  async blocked(): Promise<readonly PublicUser[]> {
    return withLists(await this.#http.request<{ users: PublicUser[] }>("GET", "/me/blocks"), "users").users;
  }

  /** Sends a code to the address, which takes its place when `confirmEmail` gets the code. null removes the address. */
  changeEmail(body: { email: string | null; password: string }): Promise<void> {
    return this.#http.request("PUT", "/me/email", body);
  }

  confirmEmail(code: string): Promise<void> {
    return this.#http.request("POST", "/auth/email/confirm", { code }, { isOpen: true });
  }

  /** Sends a code if an account has verified the address. The answer does not say whether one has. */
  forgotPassword(email: string): Promise<void> {
    return this.#http.request("POST", "/auth/password/forgot", { email }, { isOpen: true });
  }

  /** Ends all sessions. */
  resetPassword(body: { code: string; newPassword: string }): Promise<void> {
    return this.#http.request("POST", "/auth/password/reset", body, { isOpen: true });
  }
}
