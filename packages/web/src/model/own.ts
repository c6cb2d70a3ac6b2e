import { type Client, HubbubAccount, HubbubSignin, type PersonalFrame, type ProfileChange } from "@hubbub/client";
import { Announcements } from "./announcements.ts";
import { Attention, type AttentionHost } from "./attention.ts";
import { Avatars } from "./avatars.ts";
import { Drafts } from "./drafts.ts";
import { Finders } from "./finders.ts";
import { OwnExport } from "./own-export.ts";
import type { RoomStates } from "./room-states.ts";
import { SectionStore } from "./sections.ts";
import type { ChatState } from "./state.ts";
import type { Words } from "./words.ts";

export interface OwnHost extends Omit<AttentionHost, "changed" | "room"> {
  readonly words: Words;
  chat(): ChatState | undefined;
  change(change: (chat: ChatState) => ChatState): void;
}

/** What belongs to the user: account, picture, drafts, exports, announcements, and how far each room was read. */
export class Own {
  readonly exports: OwnExport;
  readonly avatars: Avatars;
  readonly drafts: Drafts;
  readonly announcements: Announcements;
  readonly attention: Attention;
  readonly finders: Finders;
  readonly sections: SectionStore;
  /** Refusals of these two travel: a form shows them beside the field. */
  readonly account: HubbubAccount;
  readonly signin: HubbubSignin;
  readonly #host: OwnHost;

  constructor(host: OwnHost) {
    const { client, words, storage, signal, change } = host;
    const { http } = client;
    this.#host = host;
    this.account = new HubbubAccount(http);
    this.signin = new HubbubSignin(http);
    this.sections = new SectionStore(storage, host.me.id);
    this.exports = new OwnExport({
      exports: http.exports,
      signal,
      changed: (ownExport) => change((chat) => ({ ...chat, ownExport })),
    });
    this.avatars = new Avatars(http, signal);
    this.drafts = new Drafts({ http, words, signal, changed: (drafts) => change((chat) => ({ ...chat, drafts })) });
    this.attention = new Attention({
      ...host,
      changed: (some) => change((chat) => ({ ...chat, ...some })),
      failed: (error) => host.failed(error),
      isSeen: (room) => host.isSeen(room),
      room: (id) => host.chat()?.lists.joined.find((room) => room.id === id),
      open: (room, seq) => host.open(room, seq),
    });
    this.finders = new Finders({ ...host, http, changed: (some) => change((chat) => ({ ...chat, ...some })) });
    this.announcements = new Announcements({
      client,
      storage,
      signal,
      changed: (announcement) => change((chat) => ({ ...chat, announcement })),
    });
  }

  get rooms(): RoomStates {
    return this.attention.rooms;
  }

  /** All but `attention`, whose marks must be known before the page is read. */
  async start(): Promise<void> {
    await Promise.all([this.drafts.load(), this.announcements.start(), this.attention.threads.load()]);
  }

  hear(news: PersonalFrame): void {
    this.attention.hear(news);
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

  /** null removes a value. Answers whether it was done. */
  changeProfile(change: ProfileChange): Promise<boolean> {
    return this.#try(async () => {
      await this.account.changeProfile(change);
      this.avatars.forget(this.#host.me.id);
    });
  }

  /** A guest becomes an account. @throws HubbubError */
  async register(username: string, password: string): Promise<void> {
    const me = await this.account.upgrade({ username, password });
    await this.#host.client.renew();
    this.#host.change((chat) => ({ ...chat, me }));
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
