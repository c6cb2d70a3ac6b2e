import { type RoomId, type ServerFrame, type Tokens, WEBSOCKET_PATH } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import type { ClientState, ClientStats } from "./client-state.ts";
import { type GetToken, HubbubHttp } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import { ABNORMAL, Link, type LinkEnd } from "./link.ts";
import { planAfter, type Trouble } from "./reconnect.ts";
import { Room } from "./room.ts";
import { Session, type StoredTokens, type TokenStorage } from "./session.ts";

/** A connection that lived this long was well: the next trouble starts counting at 0. */
const STABLE_MS = 5_000;
const WELL: Trouble = { attempt: 0, hasFreshToken: false };

interface ClientBasics {
  /** Base of the server, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  onState?(state: ClientState): void;
}

/** With `tokens` the client renews them by itself; with `getToken` that is up to the owner. */
export type ClientOptions = ClientBasics &
  (
    | { readonly tokens: Tokens | StoredTokens; readonly storage?: TokenStorage | undefined }
    | { readonly getToken: GetToken }
  );

export function createClient(options: ClientOptions): Client {
  return new Client(options);
}

/**
 * A client of one server: one connection at a time, any number of rooms, as many reconnects as it takes.
 *
 * The life of a connection is a `Link`; this class decides when the next one is made, and tells the rooms.
 */
export class Client {
  /** The HTTP half, with this client's token. */
  readonly http: HubbubHttp;
  readonly stats: ClientStats = { reconnects: 0, holes: 0, duplicates: 0, resent: 0 };
  readonly #webSocketUrl: string;
  readonly #getToken: GetToken;
  readonly #onState: (state: ClientState) => void;
  readonly #rooms = new Map<RoomId, Room>();
  readonly #retry = new Alarm();
  #state: ClientState = { state: "idle" };
  #link: Link | undefined;
  #trouble = WELL;
  #readyAt: number | undefined;
  #wasReady = false;
  #waiters: { resolve(): void; reject(error: HubbubError): void }[] = [];
  #onClosed: (() => void) | undefined;

  constructor(options: ClientOptions) {
    const http = new HubbubHttp({ url: options.url });
    this.#getToken =
      "getToken" in options
        ? options.getToken
        : new Session(options.tokens, (token) => http.refresh(token), options.storage).getToken;
    this.http = new HubbubHttp({ url: options.url, getToken: this.#getToken });
    this.#webSocketUrl = options.url.replace(/^http/, "ws").replace(/\/+$/, "") + WEBSOCKET_PATH;
    this.#onState = options.onState?.bind(options) ?? (() => undefined);
  }

  get state(): ClientState {
    return this.#state;
  }

  /**
   * Resolves when the client is ready. Goes on trying for as long as that can help.
   * @throws HubbubError bad_token, session_revoked … when it cannot, `closed` when the client is closed meanwhile
   */
  connect(): Promise<void> {
    if (this.#state.state === "ready") return Promise.resolve();
    if (this.#state.state === "closed") return Promise.reject(this.#state.error ?? new HubbubError("closed"));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#state.state === "idle") this.#attempt();
    });
  }

  /** The same object for the same room. */
  room(id: RoomId): Room {
    const known = this.#rooms.get(id);
    if (known !== undefined) return known;
    const room = new Room(id, {
      link: () => (this.#state.state === "ready" ? this.#link : undefined),
      me: () => (this.#state.state === "ready" ? this.#state.user.id : undefined),
      history: (roomId, query) => this.http.history(roomId, query),
      stats: this.stats,
    });
    this.#rooms.set(id, room);
    return room;
  }

  /** Does not wait for the next attempt, for example because the machine is online again. */
  retryNow(): void {
    if (this.#state.state === "waiting") this.#attempt();
  }

  /** Says `bye`. What is not yet acked is refused with `closed`. */
  close(): Promise<void> {
    const link = this.#link;
    if (this.#state.state === "closed" && link === undefined) return Promise.resolve();
    this.#stop(undefined);
    if (link === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      link.bye();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #attempt(): void {
    this.#retry.clear();
    this.#set({ state: "connecting", attempt: this.#trouble.attempt });
    this.#getToken(this.#trouble.hasFreshToken).then(
      (token) => this.#open(token),
      (error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
        if (error.shouldRetry()) this.#ended({ code: ABNORMAL, error, afterMs: error.retryAfterMs });
        else this.#stop(error);
      },
    );
  }

  #open(token: string): void {
    if (this.#state.state !== "connecting") return;
    this.#readyAt = undefined;
    this.#link = new Link(this.#webSocketUrl, token, {
      ready: (link, { user, node, connection, limits }) => {
        this.#set({ state: "ready", user, node, connection, limits });
        this.#ready(link);
      },
      received: (frame) => this.#receive(frame),
      ended: (end) => this.#ended(end),
    });
  }

  #ready(link: Link): void {
    this.#readyAt = Date.now();
    if (this.#wasReady) this.stats.reconnects += 1;
    this.#wasReady = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve();
    for (const room of this.#rooms.values()) room.linkReady(link);
  }

  #receive(frame: ServerFrame): void {
    if ("room" in frame && frame.room !== undefined && frame.type !== "slow")
      this.#rooms.get(frame.room)?.receive(frame);
  }

  #ended(end: LinkEnd): void {
    this.#link = undefined;
    this.#onClosed?.();
    if (this.#state.state === "closed") return;
    for (const room of this.#rooms.values()) room.linkLost();
    if (this.#readyAt !== undefined) {
      const wasWell = Date.now() - this.#readyAt >= STABLE_MS;
      this.#trouble = wasWell ? WELL : { ...this.#trouble, hasFreshToken: false };
    }
    const plan = planAfter(end, this.#trouble, Math.random());
    if (plan.action === "stop") {
      this.#stop(plan.error);
      return;
    }
    this.#trouble = plan.trouble;
    this.#set({ state: "waiting", attempt: plan.trouble.attempt, retryInMs: plan.delayMs });
    this.#retry.set(plan.delayMs, () => this.#attempt());
  }

  #stop(error: HubbubError | undefined): void {
    this.#retry.clear();
    this.#set({ state: "closed", error });
    const reason = error ?? new HubbubError("closed");
    for (const { reject } of this.#waiters.splice(0)) reject(reason);
    for (const room of this.#rooms.values()) room.end(reason);
  }

  #set(state: ClientState): void {
    this.#state = state;
    this.#onState(state);
  }
}
