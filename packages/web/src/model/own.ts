import { type Client, HubbubAccount, type PersonalFrame } from "@hubbub/client";
import type { PublicUser } from "@hubbub/protocol";
import { Announcements } from "./announcements.ts";
import { Avatars } from "./avatars.ts";
import { Drafts } from "./drafts.ts";
import { OwnExport } from "./own-export.ts";
import type { PageStorage } from "./page-storage.ts";
import type { ChatState } from "./state.ts";
import type { Words } from "./words.ts";

export interface OwnHost {
  readonly client: Client;
  readonly me: PublicUser;
  readonly words: Words;
  readonly storage: PageStorage;
  readonly signal: AbortSignal;
  change(change: (chat: ChatState) => ChatState): void;
  failed(error: unknown): void;
}

/** What belongs to the user and to no room: account, picture, drafts, exports, announcements. */
export class Own {
  readonly exports: OwnExport;
  readonly avatars: Avatars;
  readonly drafts: Drafts;
  readonly announcements: Announcements;
  readonly #host: OwnHost;

  constructor(host: OwnHost) {
    const { client, words, storage, signal, change } = host;
    const { http } = client;
    this.#host = host;
    this.exports = new OwnExport({
      exports: http.exports,
      signal,
      changed: (ownExport) => change((chat) => ({ ...chat, ownExport })),
    });
    this.avatars = new Avatars(http, signal);
    this.drafts = new Drafts({ http, words, signal, changed: (drafts) => change((chat) => ({ ...chat, drafts })) });
    this.announcements = new Announcements({
      client,
      storage,
      signal,
      changed: (announcement) => change((chat) => ({ ...chat, announcement })),
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.drafts.load(), this.announcements.start()]);
  }

  hear(news: PersonalFrame): void {
    this.drafts.hear(news);
    this.exports.hear(news);
  }

  /** null removes it. Answers whether it was done. */
  setAvatar(picture: File | null): Promise<boolean> {
    return this.#try(async ({ http }) => {
      await (picture === null ? http.avatars.remove() : http.avatars.set(picture));
      this.avatars.forget(this.#host.me.id);
    });
  }

  /** A guest becomes an account. Answers whether it did. */
  register(username: string, password: string): Promise<boolean> {
    return this.#try(async (client) => {
      const me = await new HubbubAccount(client.http).upgrade({ username, password });
      await client.renew();
      this.#host.change((chat) => ({ ...chat, me }));
    });
  }

  async #try(action: (client: Client) => Promise<void>): Promise<boolean> {
    try {
      await action(this.#host.client);
      return true;
    } catch (error) {
      this.#host.failed(error);
      return false;
    }
  }
}
