import {
  type Client,
  type ClientState,
  createClient,
  type OpenTransport,
  type Proof,
  type StoredTokens,
  toStoredTokens,
} from "@hubbub/client";
import type { RoomId, Tokens } from "@hubbub/protocol";
import type { AddressTask } from "./address-task.ts";
import { Chat } from "./chat.ts";
import { Entrance, type EntryPage } from "./entrance.ts";
import { explain } from "./explain.ts";
import { LoginStorage } from "./login-storage.ts";
import type { Notifier } from "./notifications.ts";
import { OfflineCache } from "./offline-cache.ts";
import type { OfflineStore } from "./offline-store.ts";
import type { PageStorage } from "./page-storage.ts";
import { PendingLogouts, sessionEnder } from "./pending-logouts.ts";
import { freshChat, type Store } from "./state.ts";
import { sweepWords, Words } from "./words.ts";

export interface AppParts {
  readonly store: Store;
  /** Base of the server, with the path it stands under. */
  readonly url: string;
  readonly storage: PageStorage;
  readonly notifier: Notifier;
  /** Whether the page is looked at. */
  isVisible(): boolean;
  /** The room that the address names: it opens after the login. */
  roomWanted(): RoomId | undefined;
  readonly openTransport: OpenTransport;
  readonly offlineStore: OfflineStore;
}

/** Tasks of the address that go beside a login of an earlier visit. */
const KEEPS_LOGIN: ReadonlySet<AddressTask["kind"]> = new Set(["confirm-email", "invite", "linked", "login_refused"]);
const DAMAGED = "The stored login could not be read. Log in again.";
const NOT_LASTING = "This browser stores nothing for this page: your login and unsent words end with the page.";
const ELSEWHERE = "You were logged out in another tab.";
const ERASED = "Your account is erased. Your messages and files follow within minutes.";
const INVITED = "You are invited to a room. Log in, sign up or enter as a guest to see it.";
const NOT_TOLD =
  "You are logged out here, but the server could not be told yet. Keep this page open: it repeats the logout until it holds.";

/** Who uses the page: entry, login, logout. What a user does then is the `Chat`. */
export class App {
  readonly #store: Store;
  readonly #url: string;
  readonly #storage: PageStorage;
  readonly #notifier: Notifier;
  readonly #isVisible: () => boolean;
  readonly #roomWanted: () => RoomId | undefined;
  readonly #openTransport: OpenTransport;
  readonly #offlineStore: OfflineStore;
  #offline: OfflineCache | undefined;
  readonly #login: LoginStorage;
  readonly #logouts: PendingLogouts;
  readonly entrance: Entrance;
  #client: Client | undefined;
  #chat: Chat | undefined;
  /** The code of a link into a room that waits for the login. */
  #invite = "";

  constructor(parts: AppParts) {
    const { store, url, storage, notifier, isVisible, roomWanted, openTransport, offlineStore } = parts;
    this.#store = store;
    this.#url = url;
    this.entrance = new Entrance({
      url,
      show: (page) => this.#showEntry(page),
      offer: (offers) => store.state.screen === "entry" && store.set({ ...store.state, offers }),
      entered: (tokens) => this.#entered(tokens),
    });
    this.#storage = storage;
    this.#notifier = notifier;
    this.#isVisible = isVisible;
    this.#roomWanted = roomWanted;
    this.#openTransport = openTransport;
    this.#offlineStore = offlineStore;
    this.#login = new LoginStorage(storage);
    this.#logouts = new PendingLogouts(storage, sessionEnder(url), (waiting) => this.#logoutsChanged(waiting));
  }

  /** Rooms and messages of the logged-in user; undefined: nobody is logged in. */
  get chat(): Chat | undefined {
    return this.#chat;
  }

  /** Whether closing the page now would lose words that could not be stored. */
  get wouldLoseWords(): boolean {
    return !this.#storage.isLasting && (this.#chat?.words.count ?? 0) > 0;
  }

  /** With the login of an earlier visit, or at the entry. `task`: what the address asks for. */
  start(task: AddressTask | undefined): void {
    sweepWords(this.#storage);
    this.#logouts.run().catch(reportError);
    if (task?.kind === "invite") this.#invite = task.code;
    if (task === undefined || KEEPS_LOGIN.has(task.kind)) this.resume();
    if (task?.kind === "invite" && this.#chat === undefined) this.entrance.open({ note: INVITED });
    if (task === undefined || task.kind === "invite") return;
    const isChatting = this.#chat !== undefined;
    this.entrance.take(task).then((told) => {
      if (told === undefined) return;
      if (isChatting) this.#chat?.notice(told);
      else this.entrance.open(task.kind === "login_refused" ? { error: told } : { note: told });
    }, reportError);
  }

  /** The login of an earlier visit goes on, where there is one. */
  resume(): void {
    const { tokens, isDamaged } = this.#login.take();
    this.#offlineStore.clear(tokens?.user.id).catch(reportError);
    if (tokens === undefined) this.entrance.open({ error: isDamaged ? DAMAGED : "" });
    else this.#enter(tokens, this.#roomWanted());
  }

  /** At once here; at the server as soon as it can be told. The words of the user go too. */
  logout(): void {
    const tokens = this.#login.held;
    if (tokens !== undefined) this.#logouts.add(tokens);
    this.#chat?.words.clear();
    this.#chat?.own.finders.forget();
    this.#end("");
    this.#logouts.run().catch(reportError);
  }

  /** Erases the account at the server, and what is kept of it here. @throws HubbubError */
  async erase(proof: Proof): Promise<void> {
    const chat = this.#chat;
    await chat?.own.account.erase(proof);
    chat?.words.clear();
    chat?.own.finders.forget();
    // The server ends the connection, too, perhaps before its answer is here.
    if (this.#chat === chat) this.#end("", ERASED);
    else if (this.#chat === undefined) this.entrance.open({ note: ERASED });
  }

  /** Another tab changed the stored login. A logout there is one here too, whether or not the server hears of it. */
  loginChanged(): void {
    if (this.#chat !== undefined && !this.#login.isStored) this.#ended(ELSEWHERE);
  }

  /** The machine is online again, or the page is looked at. */
  wake(): void {
    this.#client?.retryNow();
    this.#chat?.seen();
    this.#logouts.run().catch(reportError);
  }

  /** The page is put away, perhaps for good. */
  sleep(): void {
    this.#offline?.seen();
  }

  #entered(tokens: Tokens): void {
    const stored = toStoredTokens(tokens);
    this.#login.begin(stored);
    this.#enter(stored, this.#roomWanted());
  }

  #enter(tokens: StoredTokens, room: RoomId | undefined): void {
    const client = createClient({
      url: this.#url,
      tokens,
      storage: this.#login,
      openTransport: this.#openTransport,
      onState: (state) => this.#connectionChanged(client, state),
    });
    const { user: me } = tokens;
    const words = new Words(this.#storage, me.id);
    const store = this.#offlineStore;
    const isLoggedIn = (): boolean => this.#login.isStored;
    const offline = new OfflineCache({ store, user: me.id, http: client.http, isLoggedIn });
    const chat = new Chat({
      client,
      offline,
      me,
      words,
      storage: this.#storage,
      store: this.#store,
      notifier: this.#notifier,
      isVisible: this.#isVisible,
    });
    this.#client = client;
    this.#offline = offline;
    this.#chat = chat;
    this.#store.set(freshChat(me));
    client.connect().catch((error: unknown) => explain(error));
    if (!this.#storage.isLasting) chat.notice(NOT_LASTING);
    chat.start(room);
    if (this.#invite !== "") chat.invitations.meet(this.#invite);
    this.#invite = "";
  }

  #connectionChanged(client: Client, state: ClientState): void {
    if (client !== this.#client) return;
    const isBack = this.#store.state.screen === "chat" && !this.#store.state.isConnected;
    if (state.state === "ready" && isBack) this.#chat?.returned();
    if (state.state === "ready") this.#store.chat((chat) => ({ ...chat, isConnected: true }));
    if (state.state === "waiting" && !isBack) this.#offline?.lost();
    if (state.state === "waiting") this.#store.chat((chat) => ({ ...chat, isConnected: false }));
    if (state.state === "closed" && state.error !== undefined) this.#ended(explain(state.error));
  }

  /** The session of this tab is over. Its user may have logged in anew in another tab. */
  #ended(reason: string): void {
    const successor = this.#login.successor();
    const { state } = this.#store;
    const room = state.screen === "chat" ? state.open?.id : undefined;
    this.#end(reason);
    if (successor === undefined) return;
    this.#login.take();
    this.#enter(successor, room);
  }

  #end(error: string, note = ""): void {
    const client = this.#client;
    this.#client = undefined;
    this.#chat?.end();
    this.#chat = undefined;
    this.#offline?.forget();
    this.#offline = undefined;
    this.#login.forget();
    this.entrance.open({ error, note });
    client?.close().catch(reportError);
  }

  #showEntry(page: EntryPage): void {
    const { state } = this.#store;
    const offers = state.screen === "entry" ? state.offers : {};
    const note = page.note || (this.#storage.isLasting ? "" : NOT_LASTING);
    this.#store.set({ screen: "entry", ...page, note, offers });
  }

  #logoutsChanged(waiting: number): void {
    const { state } = this.#store;
    if (state.screen !== "entry") return;
    const note = waiting > 0 ? NOT_TOLD : this.#storage.isLasting ? "" : NOT_LASTING;
    this.#store.set({ ...state, note });
  }
}
