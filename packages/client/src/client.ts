import { type RoomId, type ServerFrame, type ServerFrameOf, WEBSOCKET_PATH } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import type { ClientNews, ClientOptions } from "./client-options.ts";
import { type ClientState, type ClientStats, endedWith } from "./client-state.ts";
import type { HeadListener } from "./head-follower.ts";
import { baseOf, type GetToken, HubbubHttp, type Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import { ABNORMAL, Link, type LinkEnd, type LinkEvents } from "./link.ts";
import { Listeners } from "./listeners.ts";
import { watchNetwork } from "./network.ts";
import type { PendingMessage } from "./outbox.ts";
import { OutboxKeeper } from "./outbox-keeper.ts";
import { askForToken, callOwner, ignorable } from "./owner.ts";
import { Personal, readUserState } from "./personal.ts";
import { planAfter, type Trouble } from "./reconnect.ts";
import type { Room } from "./room.ts";
import { Rooms } from "./rooms.ts";
import { Session } from "./session.ts";

/** A connection that lived this long was well: the next trouble starts counting at 0. */
const STABLE_MS = 5_000;
/** What `close` waits for acks by default, and how often it looks. */
const CLOSE_WAIT_MS = 1_000;
const CLOSE_LOOK_MS = 10;
const WELL: Trouble = { attempt: 0, hasFreshToken: false };

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
  readonly #openTransport: ClientOptions["openTransport"];
  readonly #retry = new Alarm();
  readonly #personal = new Personal({ link: () => this.#readyLink(), hasEvents: (room) => this.#rooms.has(room) });
  readonly #rooms: Rooms;
  readonly #keeper: OutboxKeeper | undefined;
  readonly #heard: { readonly [What in keyof ClientNews]: Listeners<ClientNews[What]> } = {
    personal: this.#personal.news,
    state: new Listeners(),
    pending: new Listeners(),
    refused: new Listeners(),
  };
  #state: ClientState = { state: "idle" };
  #link: Link | undefined;
  #trouble = WELL;
  #readyAt: number | undefined;
  #wasReady = false;
  #waiters: { resolve(): void; reject(error: HubbubError): void }[] = [];
  #onClosed: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  readonly #network: () => void;

  constructor(options: ClientOptions) {
    const http = new HubbubHttp({ url: options.url });
    this.#getToken =
      "getToken" in options
        ? options.getToken
        : new Session(options.tokens, (token) => http.refresh(token), options.storage).getToken;
    this.http = new HubbubHttp({ url: options.url, getToken: this.#getToken });
    this.#webSocketUrl = baseOf(options.url).replace(/^http/, "ws") + WEBSOCKET_PATH;
    this.#openTransport = options.openTransport;
    this.#heard.state.add((state) => options.onState?.(state));
    this.#heard.pending.add((pending) => options.onPending?.(pending));
    const { outbox } = options;
    this.#keeper =
      outbox &&
      new OutboxKeeper(outbox, {
        restore: (events, isFirst) => this.#rooms.resume(events, isFirst),
        failed: (error) => callOwner(() => options.onOutboxError?.(error)),
      });
    if ("tokens" in options) this.#keeper?.start(this.#ownerOf(options.tokens.user.id));
    this.#rooms = new Rooms({
      ...{ http: this.http, personal: this.#personal, stats: this.stats, keeper: this.#keeper },
      link: () => this.#readyLink(),
      me: () => (this.#state.state === "ready" ? this.#state.user.id : undefined),
      ended: () => (this.#closing === undefined ? endedWith(this.#state) : new HubbubError("closed")),
      changed: (pending) => this.#heard.pending.tell(pending),
      refused: (refused) => this.#heard.refused.tell(refused),
    });
    this.#network = watchNetwork({
      online: () => this.retryNow(),
      offline: () => this.#link?.drop(),
      awake: () => {
        this.retryNow();
        this.#link?.probe();
      },
    });
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
    if (this.#state.state === "closed") {
      return ignorable(Promise.reject(this.#state.error ?? new HubbubError("closed")));
    }
    if (this.#closing !== undefined) return ignorable(Promise.reject(new HubbubError("closed")));
    const connected = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#state.state === "idle") this.#attempt();
    });
    return ignorable(connected);
  }

  /**
   * Takes a fresh token to the server over the connection that is there. After `HubbubAccount.upgrade` messages carry the
   * new name from then on.
   */
  async renew(): Promise<void> {
    const token = await askForToken(this.#getToken, true);
    await this.#link?.renew(token);
  }

  /**
   * A room by its id. The client keeps it while it is subscribed or has something to send, and lets go of it then; the same
   * object can be used again.
   */
  room(name: string): Room {
    return this.#rooms.get(name as RoomId);
  }

  /** What is not acked yet, in the order in which it was given. Plain data: kept over a restart, `restore` takes it back. */
  get pending(): PendingMessage[] {
    return this.#rooms.pending;
  }

  /**
   * Sends what an earlier client of the same user had not got acked, under the same ids: what arrived nevertheless is not
   * doubled, within ten minutes. Answers one promise for each message, which may be ignored.
   */
  restore(messages: readonly PendingMessage[]): Promise<Published>[] {
    return this.#rooms.restore(messages);
  }

  /**
   * Hears of changes; answers how to stop. `personal`: news of the user; before `connect`, or it takes effect with the next
   * connection. `state`: as `onState`. `pending`: as `onPending`. `refused`: what the outbox kept and cannot be sent.
   */
  on<What extends keyof ClientNews>(what: What, listener: (news: ClientNews[What]) => void): () => void {
    return this.#heard[what].add(listener);
  }

  /** All joined rooms with heads, read marks and counts; `since`: `at` of an earlier answer, and only what is newer. */
  userState(since?: number): ReturnType<typeof readUserState> {
    return readUserState(this.http, since);
  }

  /** Follows the heads of rooms instead of their events, with one frame for a thousand rooms. Answers how to stop. */
  followHeads(rooms: readonly string[], listener: HeadListener): () => void {
    return this.#personal.heads.follow(rooms as readonly RoomId[], listener);
  }

  #readyLink(): Link | undefined {
    return this.#state.state === "ready" ? this.#link : undefined;
  }

  /** Does not wait for the next attempt, for example because the machine is online again. */
  retryNow(): void {
    if (this.#state.state === "waiting") this.#attempt();
  }

  /**
   * Takes nothing more, waits up to `waitMs` (default 1,000) for the acks of messages, edits and the like on a connection that is
   * there, and says `bye`. What is not acked then is refused with `closed`.
   */
  close({ waitMs = CLOSE_WAIT_MS }: { readonly waitMs?: number | undefined } = {}): Promise<void> {
    this.#closing ??= this.#close(waitMs);
    return this.#closing;
  }

  async #close(waitMs: number): Promise<void> {
    this.#network();
    const until = performance.now() + waitMs;
    while (this.#state.state === "ready" && this.#rooms.hasUnacked && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_LOOK_MS));
    }
    const link = this.#link;
    if (this.#state.state !== "closed") this.#stop(undefined);
    const kept = this.#keeper?.close();
    if (link !== undefined) {
      await new Promise<void>((resolve) => {
        this.#onClosed = resolve;
        link.bye();
      });
    }
    await kept;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #attempt(): void {
    this.#retry.clear();
    this.#set({ state: "connecting", attempt: this.#trouble.attempt });
    askForToken(this.#getToken, this.#trouble.hasFreshToken).then(
      (token) => this.#open(token),
      (error: HubbubError) => {
        if (this.#state.state !== "connecting") return;
        if (error.shouldRetry()) this.#ended({ code: ABNORMAL, error, afterMs: error.retryAfterMs });
        else this.#stop(error);
      },
    );
  }

  #open(token: string): void {
    if (this.#state.state !== "connecting") return;
    this.#readyAt = undefined;
    try {
      const events: LinkEvents = {
        ready: (link, frame) => this.#ready(link, frame),
        renewed: (frame) => this.#setReady(frame),
        received: (frame) => this.#receive(frame),
        ended: (end) => this.#ended(end),
      };
      this.#link = new Link(this.#webSocketUrl, token, this.#personal.news.isHeard, events, this.#openTransport);
    } catch (error) {
      // The platform refuses to try, for example a page of https a server without TLS.
      this.#stop(new HubbubError("bad_url", undefined, { cause: error }));
    }
  }

  #ownerOf(user: string): string {
    return `${this.#webSocketUrl} ${user}`;
  }

  #setReady({ user, node, connection, limits }: ServerFrameOf<"ready">): void {
    this.#keeper?.start(this.#ownerOf(user.id));
    this.#set({ state: "ready", user, node, connection, limits });
  }

  #ready(link: Link, frame: ServerFrameOf<"ready">): void {
    this.#setReady(frame);
    this.#readyAt = Date.now();
    if (this.#wasReady) this.stats.reconnects += 1;
    this.#wasReady = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve();
    this.#rooms.linkReady(link);
    this.#personal.linkReady();
  }

  #receive(frame: ServerFrame): void {
    if (this.#personal.receive(frame)) return;
    if ("room" in frame && frame.room !== undefined && frame.type !== "slow" && frame.type !== "error")
      this.#rooms.find(frame.room)?.receive(frame);
  }

  #ended(end: LinkEnd): void {
    this.#link = undefined;
    this.#onClosed?.();
    if (this.#state.state === "closed") return;
    this.#rooms.linkLost();
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
    this.#set({ state: "waiting", attempt: plan.trouble.attempt, retryInMs: plan.delayMs, error: end.error });
    this.#retry.set(plan.delayMs, () => this.#attempt());
  }

  #stop(error: HubbubError | undefined): void {
    this.#personal.end();
    this.#retry.clear();
    this.#network();
    this.#set({ state: "closed", error });
    const reason = error ?? new HubbubError("closed");
    for (const { reject } of this.#waiters.splice(0)) reject(reason);
    this.#rooms.end(reason);
    void this.#keeper?.close();
  }

  #set(state: ClientState): void {
    this.#state = state;
    this.#heard.state.tell(state);
  }
}
