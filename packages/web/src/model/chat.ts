import { type Client, HubbubAccount, type HubbubError, type HubbubHttp } from "@hubbub/client";
import type { PublicUser, Room, RoomEvent, RoomId } from "@hubbub/protocol";
import { makeSides } from "./chat-sides.ts";
import type { Conversation } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import { explain } from "./explain.ts";
import type { Invitations } from "./invitations.ts";
import { leaveRoom } from "./leave-room.ts";
import { Notices } from "./notices.ts";
import type { Notifier } from "./notifications.ts";
import type { OfflineCache } from "./offline-cache.ts";
import { Own } from "./own.ts";
import type { PageStorage } from "./page-storage.ts";
import type { People } from "./people.ts";
import { persist } from "./persist.ts";
import type { Reports } from "./reports.ts";
import { RoomListing } from "./room-lists.ts";
import { shownTalks } from "./shown-talks.ts";
import type { ChatState, Open, Store } from "./state.ts";
import type { Words } from "./words.ts";

export interface ChatParts {
  readonly client: Client;
  readonly me: PublicUser;
  readonly words: Words;
  readonly storage: PageStorage;
  readonly store: Store;
  readonly notifier: Notifier;
  readonly offline: OfflineCache;
  /** Whether the page is looked at. */
  isVisible(): boolean;
}

/** What one user can do from login to logout. Afterwards nothing of it changes the page any more. */
export class Chat {
  readonly words: Words;
  readonly reports: Reports;
  readonly own: Own;
  readonly people: People;
  readonly invitations: Invitations;
  readonly #client: Client;
  readonly #store: Store;
  readonly #ending = new AbortController();
  readonly #listing: RoomListing;
  readonly #conversations: Conversations;
  readonly #notices = new Notices(this.#ending.signal, (notice) => this.#change((chat) => ({ ...chat, notice })));

  constructor(parts: ChatParts) {
    const { client, me, words, store, offline, isVisible } = parts;
    this.words = words;
    this.#client = client;
    this.#store = store;
    const { signal } = this.#ending;
    const change = (made: (chat: ChatState) => ChatState): void => this.#change(made);
    const failed = (error: unknown): void => this.#tell(error);
    const talks = shownTalks(change, offline);
    this.#listing = new RoomListing(client.http, signal, talks.listed);
    const isSeen = (room: RoomId): boolean => isVisible() && this.#open()?.id === room;
    const open: Chat["showMessage"] = (id, seq) => this.showMessage(id, seq);
    this.own = new Own({ ...parts, signal, change, failed, isSeen, chat: () => this.#chat(), open });
    const entered = (entering: Room): void => this.enter(entering);
    const roomsChanged = (): void => this.#attempt(() => this.#listing.load());
    const sides = makeSides({ http: client.http, signal, isVisible, change, failed, entered, roomsChanged });
    ({ reports: this.reports, people: this.people, invitations: this.invitations } = sides);
    client.on("personal", (news) => {
      for (const part of [this.own, this.reports, this.invitations]) part.hear(news);
    });
    const host = {
      ...{ me: me.id, client, words, isSeen, failed },
      ...talks,
      heard: (where: Room, event: RoomEvent) => this.own.attention.heard(where, event),
      refused: (id: RoomId, { code }: HubbubError) => {
        if (code === "not_member" || code === "unknown_room") this.#listing.left(id);
      },
      roomChanged: (changed: Room) => this.#roomChanged(changed),
    };
    this.#conversations = new Conversations(host, talks.closed);
    this.#attempt(async () => {
      this.#listing.preset(await offline.open());
      const open = this.#open();
      if (open?.stage === "looking") this.show(open.id);
    });
  }

  start(room: RoomId | undefined): void {
    if (room !== undefined) this.show(room);
    this.invitations.load();
    this.#attempt(async () => {
      await this.#listing.load();
      this.#resume();
    });
    this.#attempt(() => this.own.start());
    this.#attempt(async () => {
      await this.own.attention.start();
      const open = this.#open();
      if (open !== undefined) this.#conversations.get(open.id)?.seen(this.own.rooms.readUpTo(open.id));
    });
  }

  /** Something with no place of its own here. A refusal is shown; then nothing is answered. */
  do<Answer>(work: (http: HubbubHttp, account: HubbubAccount) => Promise<Answer>): Promise<Answer | undefined> {
    const { http } = this.#client;
    return work(http, new HubbubAccount(http)).catch((error: unknown) => void this.#tell(error) as undefined);
  }

  /** Opens the direct room with these people. Answers whether there is one. */
  async message(usernames: readonly string[]): Promise<boolean> {
    const room = await this.do((http) => http.rooms.direct(usernames));
    if (room !== undefined) this.enter(room);
    return room !== undefined;
  }

  /** Opens a room of the user at a message. */
  showMessage(room: RoomId, seq: number): void {
    this.show(room);
    this.#conversations.get(room)?.jump({ seq });
  }

  showThread(room: RoomId, root: number): void {
    this.show(room);
    this.#conversations.get(room)?.panels.show({ kind: "thread", root });
  }

  /** A room that the user has come into. */
  enter(room: Room): void {
    this.#listing.joined(room);
    this.#enter(room);
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
    const known = this.#room(id);
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

  showNone(): void {
    this.#setOpen(undefined);
  }

  /** See `leaveRoom`. Of a refusal the room stays. */
  async leave(id: RoomId, close: boolean): Promise<"last" | "done"> {
    let outcome: "last" | "done" = "done";
    await this.#try(async () => {
      outcome = await leaveRoom(this.#client.http, id, close);
      if (outcome === "last") return;
      this.#gone(id);
      await this.#listing.load();
    });
    return outcome;
  }

  /** For its owner: nobody finds the room any more. */
  async delete(id: RoomId): Promise<void> {
    if ((await this.do((http) => http.rooms.delete(id).then(() => true))) === true) this.#gone(id);
  }

  /** What is done in one room; undefined while it is not open. */
  conversation(room: RoomId): Conversation | undefined {
    return this.#conversations.get(room);
  }

  /** The page is looked at again. */
  seen(): void {
    this.own.attention.threads.seen();
    const open = this.#open();
    if (open !== undefined) this.#conversations.get(open.id)?.seen();
  }

  returned(): void {
    this.invitations.returned();
    this.own.rooms.returned();
    this.own.attention.threads.refreshIn(0);
  }

  end(): void {
    this.#ending.abort();
  }

  notice(text: string): void {
    this.#notices.tell(text);
  }

  #gone(id: RoomId): void {
    for (const unsent of this.words.unsent()) if (unsent.room === id) this.words.drop(unsent.id);
    this.own.drafts.typed(id, "");
    this.#conversations.close(id);
    this.#listing.left(id);
    if (this.#open()?.id === id) this.#setOpen(undefined);
  }

  /** What an earlier visit did not get sent goes on, in whichever room it is. */
  #resume(): void {
    const waiting = new Set(this.words.unsent().map(({ room }) => room));
    for (const room of this.#listing.lists.joined) if (waiting.has(room.id)) this.#conversations.open(room);
  }

  #enter(room: Room): void {
    this.#setOpen({ id: room.id, stage: "in", room });
    this.own.finders.opened(room.id);
    this.#conversations.open(room).seen(this.own.rooms.readUpTo(room.id));
    this.reports.look(room);
    this.people.look(room.visibility === "direct" ? room.id : undefined);
  }

  #roomChanged(room: Room): void {
    this.#listing.joined(room);
    const open = this.#open();
    if (open?.id === room.id && open.stage === "in") this.#replaceOpen(open, { ...open, room });
  }

  /** One of the user's. */
  #room(id: RoomId): Room | undefined {
    return this.#listing.lists.joined.find((room) => room.id === id) ?? this.#conversations.get(id)?.room;
  }

  #chat(): ChatState | undefined {
    const { state } = this.#store;
    return state.screen === "chat" ? state : undefined;
  }

  #open(): Open | undefined {
    return this.#chat()?.open;
  }

  #setOpen<Given extends Open | undefined>(open: Given): Given {
    this.#change((chat) => ({ ...chat, open }));
    if (open === undefined) this.people.look(undefined);
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
