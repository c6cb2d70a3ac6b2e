import type { HubbubHttp, Invitation, InvitePreview } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { persist } from "./persist.ts";

/** The link that the address named, and where it leads. */
export type MetInvite = InvitePreview & { readonly code: string };

export interface InvitationsHost {
  readonly http: Pick<HubbubHttp, "invites">;
  readonly signal: AbortSignal;
  changed(change: { invitations?: readonly Invitation[]; invite?: MetInvite | undefined }): void;
  entered(room: Room): void;
  failed(error: unknown): void;
}

/** Ways into rooms that others offer: invitations of the user, and links. */
export class Invitations {
  readonly #host: InvitationsHost;

  constructor(host: InvitationsHost) {
    this.#host = host;
  }

  load(): void {
    const { http, signal, changed, failed } = this.#host;
    persist(() => http.invites.invitations(), signal)
      .then((invitations) => invitations !== undefined && changed({ invitations }))
      .catch(failed);
  }

  /** A link into a room: its name is shown first. */
  meet(code: string): void {
    const { http, signal, changed, failed } = this.#host;
    persist(() => http.invites.preview(code), signal)
      .then((preview) => preview !== undefined && changed({ invite: { ...preview, code } }))
      .catch(failed);
  }

  /** Whether the user follows the link. */
  answer(code: string, isWanted: boolean): void {
    const { http, changed, entered, failed } = this.#host;
    changed({ invite: undefined });
    if (isWanted) http.invites.useLink(code).then(entered).catch(failed);
  }
}
