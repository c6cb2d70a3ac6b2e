import {
  type Client,
  type ClientState,
  createClient,
  HubbubHttp,
  type StoredTokens,
  toStoredTokens,
} from "@hubbub/client";
import type { Room, RoomId, Tokens } from "@hubbub/protocol";
import { Conversation } from "./conversation.ts";
import { explain } from "./explain.ts";
import type { Store } from "./state.ts";
import { tokenStorage } from "./token-storage.ts";

export interface Entry {
  readonly way: "login" | "signup" | "guest";
  readonly username: string;
  readonly password: string;
}

const NOTICE_MS = 6_000;

/** What a person can do on the page. The state says what came of it. */
export class App {
  readonly #store: Store;
  readonly #url: string;
  #client: Client | undefined;
  #conversation: Conversation | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store, url: string) {
    this.#store = store;
    this.#url = url;
  }

  /** With the login of an earlier visit, or at the entry. `room`: the one to open. */
  async start(room: RoomId | undefined): Promise<void> {
    const tokens = tokenStorage.peek();
    if (tokens === undefined) this.#store.set({ screen: "entry", isBusy: false, error: "" });
    else await this.#enter(tokens, room);
  }

  async enter({ way, username, password }: Entry, room: RoomId | undefined): Promise<void> {
    this.#store.set({ screen: "entry", isBusy: true, error: "" });
    const http = new HubbubHttp({ url: this.#url });
    const guest = username === "" ? {} : { name: username };
    const answer: Promise<Tokens> = way === "guest" ? http.guest(guest) : http[way]({ username, password });
    await answer.then(
      async (tokens) => {
        const stored = toStoredTokens(tokens);
        await tokenStorage.save(stored);
        await this.#enter(stored, room);
      },
      (error: unknown) => this.#store.set({ screen: "entry", isBusy: false, error: explain(error) }),
    );
  }

  /** A login that the server no longer knows is forgotten here all the same. */
  async logout(): Promise<void> {
    const client = this.#client;
    await client?.http.logout().catch((error: unknown) => explain(error));
    await this.#end("");
  }

  async search(search: string): Promise<void> {
    this.#store.chat((chat) => ({ ...chat, search }));
    await this.#attempt(() => this.#listRooms());
  }

  async create(name: string, isPrivate: boolean): Promise<void> {
    await this.#attempt(async ({ http }) => {
      const room = await http.createRoom({ name, visibility: isPrivate ? "private" : "public" });
      await this.#listRooms();
      await this.#open(room);
    });
  }

  /** A room of the list, or one that a link names. */
  async open(id: RoomId): Promise<void> {
    await this.#attempt(async ({ http }) => {
      const { state } = this.#store;
      const known = state.screen === "chat" ? state.rooms.find((room) => room.id === id) : undefined;
      await this.#open(known?.role ? known : await http.joinRoom(id));
      if (!known?.role) await this.#listRooms();
    });
  }

  closeRoom(): void {
    this.#conversation?.close();
    this.#conversation = undefined;
    this.#store.chat((chat) => ({ ...chat, open: undefined }));
  }

  async leave(id: RoomId): Promise<void> {
    await this.#attempt(async ({ http }) => {
      this.closeRoom();
      await http.leaveRoom(id);
      await this.#listRooms();
    });
  }

  async send(text: string): Promise<void> {
    await this.#conversation?.send(text);
  }

  async loadOlder(): Promise<void> {
    await this.#attempt(async () => this.#conversation?.loadOlder());
  }

  /** The machine is online again, or the page is looked at. */
  wake(): void {
    this.#client?.retryNow();
  }

  async #enter(tokens: StoredTokens, room: RoomId | undefined): Promise<void> {
    const client = createClient({
      url: this.#url,
      tokens,
      storage: tokenStorage,
      onState: (state) => this.#connectionChanged(client, state),
    });
    this.#client = client;
    const { user: me } = tokens;
    this.#store.set({ screen: "chat", me, rooms: [], search: "", open: undefined, isConnected: true, notice: "" });
    client.connect().catch((error: unknown) => explain(error));
    await this.#attempt(() => this.#listRooms());
    if (room !== undefined) await this.open(room);
  }

  #connectionChanged(client: Client, state: ClientState): void {
    if (client !== this.#client) return;
    if (state.state === "ready") this.#store.chat((chat) => ({ ...chat, isConnected: true }));
    if (state.state === "waiting") this.#store.chat((chat) => ({ ...chat, isConnected: false }));
    if (state.state === "closed" && state.error !== undefined) this.#end(explain(state.error)).catch(reportError);
  }

  async #listRooms(): Promise<void> {
    const { state } = this.#store;
    if (this.#client === undefined || state.screen !== "chat") return;
    const query = state.search.trim();
    const { rooms } = await this.#client.http.listRooms(query === "" ? {} : { query });
    const order = (room: Room): string => `${room.role === null ? 1 : 0}${room.name.toLowerCase()}`;
    const sorted = [...rooms].sort((a, b) => order(a).localeCompare(order(b)));
    this.#store.chat((chat) => (chat.search === state.search ? { ...chat, rooms: sorted } : chat));
  }

  async #open(room: Room): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    this.#conversation?.close();
    this.#conversation = new Conversation(client, this.#store, room);
    await this.#conversation.start();
  }

  /** A refusal is shown for a while; a login that has ended leads back to the entry. */
  async #attempt(action: (client: Client) => Promise<void>): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    await action(client).catch((error: unknown) => {
      const notice = explain(error);
      this.#store.chat((chat) => ({ ...chat, notice }));
      clearTimeout(this.#noticeTimer);
      this.#noticeTimer = setTimeout(() => this.#store.chat((chat) => ({ ...chat, notice: "" })), NOTICE_MS);
    });
  }

  async #end(error: string): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#conversation = undefined;
    tokenStorage.forget();
    this.#store.set({ screen: "entry", isBusy: false, error });
    await client?.close();
  }
}
