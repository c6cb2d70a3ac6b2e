import { type Client, HubbubError } from "@hubbub/client";
import type { PublicUser, Room, RoomId } from "@hubbub/protocol";
import { Announcements } from "./announcements.ts";
import { Avatars } from "./avatars.ts";
import type { Conversation, Talk } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import { Drafts } from "./drafts.ts";
import { explain } from "./explain.ts";
import { OwnExport } from "./own-export.ts";
import type { PageStorage } from "./page-storage.ts";
import { persist } from "./persist.ts";
import { Reports } from "./reports.ts";
import { RoomListing } from "./room-lists.ts";
import type { ChatState, Open, Store } from "./state.ts";
import type { Words } from "./words.ts";

const NOTICE_MS = 8_000;

export interface ChatParts {
  readonly client: Client;
  readonly me: PublicUser;
  readonly words: Words;
  readonly storage: PageStorage;
  readonly store: Store;
  /** Whether the page is looked at. */
  isVisible(): boolean;
}

/** What one user can do from login to logout. Afterwards nothing of it changes the page any more. */
export class Chat {
  readonly words: Words;
  readonly reports: Reports;
  readonly ownExport: OwnExport;
  readonly announcements: Announcements;
  readonly avatars: Avatars;
  readonly drafts: Drafts;
  readonly #client: Client;
  readonly #me: string;
  readonly #store: Store;
  readonly #ending = new AbortController();
  readonly #listing: RoomListing;
  readonly #conversations: Conversations;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ client, me, words, storage, store, isVisible }: ChatParts) {
    this.words = words;
    this.#client = client;
    this.#me = me.id;
    this.#store = store;
    const { signal } = this.#ending;
    this.#listing = new RoomListing(client.http, signal, (lists) => this.#change((chat) => ({ ...chat, lists })));
    this.reports = new Reports({
      http: client.http,
      signal,
      changed: (reports) => this.#change((chat) => ({ ...chat, reports })),
      failed: (error) => this.#tell(error),
    });
    this.ownExport = new OwnExport({
      exports: client.http.exports,
      signal,
      changed: (ownExport) => this.#change((chat) => ({ ...chat, ownExport })),
    });
    this.announcements = new Announcements({
      client,
      storage,
      signal,
      changed: (announcement) => this.#change((chat) => ({ ...chat, announcement })),
    });
    this.avatars = new Avatars(client.http, signal);
    this.drafts = new Drafts({
      http: client.http,
      words,
      signal,
      changed: (drafts) => this.#change((chat) => ({ ...chat, drafts })),
    });
    client.on("personal", (news) => {
      this.drafts.hear(news);
      this.reports.hear(news);
      this.ownExport.hear(news);
    });
    const host = {
      me: me.id,
      client,
      words,
      isSeen: (room: RoomId) => isVisible() && this.#open()?.id === room,
      changed: (talk: Talk) =>
        this.#change((chat) => ({ ...chat, talks: new Map(chat.talks).set(talk.room.id, talk) })),
      failed: (error: unknown) => this.#tell(error),
      refused: (room: RoomId, { code }: HubbubError) => {
        if (code === "not_member" || code === "unknown_room") this.#listing.left(room);
      },
    };
    this.#conversations = new Conversations(host, (room) =>
      this.#change((chat) => ({ ...chat, talks: new Map([...chat.talks].filter(([id]) => id !== room)) })),
    );
  }

  start(room: RoomId | undefined): void {
    if (room !== undefined) this.show(room);
    this.#attempt(async () => {
      await this.#listing.load();
      this.#resume();
    });
    this.#attempt(() => this.drafts.load());
    this.#attempt(() => this.announcements.start());
  }

  search(search: string): void {
    this.#change((chat) => ({ ...chat, search }));
    this.#attempt(() => this.#listing.search(search));
  }

  more(): void {
    this.#attempt(() => this.#listing.more());
  }

  /** Answers whether the room was made. It opens unless another one was opened meanwhile. */
  async create(name: string, isPrivate: boolean): Promise<boolean> {
    const before = this.#open();
    let isMade = false;
    await this.#try(async () => {
      const room = await this.#client.http.createRoom({ name, visibility: isPrivate ? "private" : "public" });
      isMade = true;
      this.#listing.joined(room);
      if (this.#open() === before) this.#enter(room);
    });
    return isMade;
  }

  /** Opens a room. One that the user has not joined asks first. */
  show(id: RoomId): void {
    const known = this.#listing.lists.joined.find((room) => room.id === id) ?? this.#conversations.get(id)?.room;
    if (known !== undefined) {
      this.#enter(known);
      return;
    }
    const open = this.#setOpen({ id, stage: "looking", room: undefined });
    this.#attempt(async () => {
      const room = await persist(() => this.#client.http.room(id), this.#ending.signal).catch((error: unknown) => {
        this.#replaceOpen(open, undefined);
        throw error;
      });
      if (room === undefined || this.#open() !== open) return;
      if (room.role === null) this.#replaceOpen(open, { id, stage: "asking", room });
      else this.#enter(room);
    });
  }

  /** The room opens when the server has let the user in, unless another one was opened meanwhile. */
  join(room: Room): void {
    const open = this.#setOpen({ id: room.id, stage: "joining", room });
    this.#attempt(async () => {
      const joined = await this.#client.http.joinRoom(room.id).catch((error: unknown) => {
        this.#replaceOpen(open, { id: room.id, stage: "asking", room });
        throw error;
      });
      this.#listing.joined(joined);
      if (this.#open() === open) this.#enter(joined);
    });
  }

  /** null removes it. Answers whether it was done. */
  async setAvatar(picture: File | null): Promise<boolean> {
    let isDone = false;
    await this.#try(async () => {
      const { avatars } = this.#client.http;
      await (picture === null ? avatars.remove() : avatars.set(picture));
      this.avatars.forget(this.#me);
      isDone = true;
    });
    return isDone;
  }

  showNone(): void {
    this.#setOpen(undefined);
  }

  /**
   * Refused for the last owner of others; then the room stays. `close`: a room that nobody else is in ends for good.
   * Answers `last` when that is what leaving would do and it was not asked for.
   */
  async leave(id: RoomId, close: boolean): Promise<"last" | "done"> {
    let outcome: "last" | "done" = "done";
    await this.#try(async () => {
      const isRefused = await this.#client.http.leaveRoom(id, close ? { close } : {}).then(() => false, isLastMember);
      if (isRefused) {
        outcome = "last";
        return;
      }
      for (const unsent of this.words.unsent()) if (unsent.room === id) this.words.drop(unsent.id);
      this.drafts.typed(id, "");
      this.#conversations.close(id);
      this.#listing.left(id);
      if (this.#open()?.id === id) this.#setOpen(undefined);
      await this.#listing.load();
    });
    return outcome;
  }

  /** What is done in one room; undefined while it is not open. */
  conversation(room: RoomId): Conversation | undefined {
    return this.#conversations.get(room);
  }

  /** The page is looked at again. */
  seen(): void {
    const open = this.#open();
    if (open !== undefined) this.#conversations.get(open.id)?.seen();
  }

  end(): void {
    clearTimeout(this.#noticeTimer);
    this.#ending.abort();
  }

  notice(text: string): void {
    this.#change((chat) => ({ ...chat, notice: text }));
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => this.#change((chat) => ({ ...chat, notice: "" })), NOTICE_MS);
  }

  /** What an earlier visit did not get sent goes on, in whichever room it is. */
  #resume(): void {
    const waiting = new Set(this.words.unsent().map(({ room }) => room));
    for (const room of this.#listing.lists.joined) if (waiting.has(room.id)) this.#conversations.open(room);
  }

  #enter(room: Room): void {
    this.#setOpen({ id: room.id, stage: "in", room });
    this.#conversations.open(room).seen();
    this.reports.look(room);
  }

  #open(): Open | undefined {
    const { state } = this.#store;
    return state.screen === "chat" ? state.open : undefined;
  }

  #setOpen<Given extends Open | undefined>(open: Given): Given {
    this.#change((chat) => ({ ...chat, open }));
    return open;
  }

  #replaceOpen(before: Open, open: Open | undefined): void {
    if (this.#open() === before) this.#setOpen(open);
  }

  #change(change: (chat: ChatState) => ChatState): void {
    if (!this.#ending.signal.aborted) this.#store.chat(change);
  }

  #attempt(action: () => Promise<void>): void {
    this.#try(action).catch(reportError);
  }

  async #try(action: () => Promise<void>): Promise<void> {
    await action().catch((error: unknown) => this.#tell(error));
  }

  /** A refusal is shown for a while. */
  #tell(error: unknown): void {
    this.notice(explain(error));
  }
}

/** @throws every other refusal */
function isLastMember(error: unknown): boolean {
  if (error instanceof HubbubError && error.code === "last_member") return true;
  throw error;
}
