import type { HubbubHttp, Invitation, InvitePreview, PersonalFrame } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { persist } from "./persist.ts";

/** What may have been missed is read again within this time. */
const RETURN_MS = 10_000;

/** The link that the address named, and where it leads. */
export type MetInvite = InvitePreview & { readonly code: string };

export interface InvitationsHost {
  readonly http: Pick<HubbubHttp, "invites">;
  readonly signal: AbortSignal;
  changed(change: { invitations?: readonly Invitation[]; invite?: MetInvite | undefined }): void;
  entered(room: Room): void;
  /** The user came into a room, or out of one, by somebody else or elsewhere. */
  roomsChanged(): void;
  failed(error: unknown): void;
}

/** How others bring the user into rooms: invitations, links, and additions. */
export class Invitations {
  readonly #host: InvitationsHost;

  constructor(host: InvitationsHost) {
    this.#host = host;
  }

  hear(news: PersonalFrame): void {
    if (news.kind === "invited") this.load();
    if (news.kind === "joined" || news.kind === "left") this.#host.roomsChanged();
    if (news.kind === "missed") this.#loadAll(news.afterMs);
  }

  /** The connection is back, as those of many others may be: they do not ask together. */
  returned(): void {
    this.#loadAll(Math.random() * RETURN_MS);
  }

  #loadAll(afterMs: number): void {
    const { signal, roomsChanged } = this.#host;
    const timer = setTimeout(() => {
      this.load();
      roomsChanged();
    }, afterMs);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
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
