import type { Invitation, Invite, InvitePreview, Room } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

/** `seconds`, `uses`: 7 days and 100 where absent. */
export interface LinkWish {
  readonly seconds?: number | undefined;
  readonly uses?: number | undefined;
  readonly role?: "guest" | "member" | undefined;
}

/** Ways into a room: links, and invitations of single users. */
export class HttpInvites {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The code is shown only here. @throws HubbubError forbidden, too_many_invites */
  async createLink(room: string, wish: LinkWish = {}): Promise<Invite & { code: string }> {
    return this.#call("POST", ofRoom(room), wish);
  }

  /** Those that can be used, without their codes. */
  async links(room: string): Promise<readonly Invite[]> {
    return withLists(await this.#call<{ invites: Invite[] }>("GET", ofRoom(room)), "invites").invites;
  }

  /** @throws HubbubError unknown_invite */
  revokeLink(room: string, invite: string): Promise<void> {
    return this.#call("DELETE", `${ofRoom(room)}/${encodeURIComponent(invite)}`);
  }

  /** Where a code leads to. @throws HubbubError unknown_invite */
  preview(code: string): Promise<InvitePreview> {
    return this.#call("GET", `/invites/${encodeURIComponent(code)}`);
  }

  /** Joins by a code; a member may call it again. @throws HubbubError unknown_invite, banned, forbidden after a removal */
  useLink(code: string): Promise<Room> {
    return this.#call("POST", `/invites/${encodeURIComponent(code)}/join`);
  }

  /** The user accepts or declines. @throws HubbubError unknown_user, forbidden */
  inviteUser(room: string, username: string): Promise<void> {
    return this.#call("POST", ofRoom(room), { username });
  }

  /** Of the caller: the newest 100. */
  async invitations(): Promise<readonly Invitation[]> {
    return withLists(await this.#call<{ invitations: Invitation[] }>("GET", "/me/invitations"), "invitations")
      .invitations;
  }

  /** @throws HubbubError unknown_invite, banned */
  accept(room: string): Promise<Room> {
    return this.#call("POST", `/me/invitations/${encodeURIComponent(room)}/accept`);
  }

  decline(room: string): Promise<void> {
    return this.#call("DELETE", `/me/invitations/${encodeURIComponent(room)}`);
  }
}

const ofRoom = (room: string) => `/rooms/${encodeURIComponent(room)}/invites`;
