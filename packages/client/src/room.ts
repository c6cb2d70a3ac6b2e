import type { HistoryPage, RoomId, TaskInfo, ThumbnailSize, UploadedFile } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { Feed, type FeedFrame } from "./feed.ts";
import type { HistoryQuery, Published } from "./http.ts";
import type { UploadContent, UploadOptions } from "./http-files.ts";
import type { HttpTasks } from "./http-tasks.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import type { OutboxBody, PendingMessage, Until } from "./outbox.ts";
import type { Earlier, KeptEvent } from "./outbox-storage.ts";
import { ignorable } from "./owner.ts";
import { RoomActs } from "./room-acts.ts";
import type { Position } from "./room-cursor.ts";
import type { RoomHost } from "./room-host.ts";
import type { RoomListener } from "./room-listener.ts";
import { RoomOutgoing } from "./room-outgoing.ts";
import { Sender } from "./sender.ts";
import { Subscription } from "./subscription.ts";

const UNSUBSCRIBE_TIMEOUT_MS = 10_000;
/** A room without a listener stays subscribed for this long behind its last message. */
const IDLE_MS = 10_000;

/** One room of a client: listens, publishes, and comes through lost connections without loss, double or disorder. */
export class Room extends RoomActs {
  readonly #host: RoomHost;
  readonly #subscription: Subscription;
  readonly #sender: Sender;
  readonly #feed: Feed;
  readonly #outgoing: RoomOutgoing;
  readonly #idle = new Alarm();
  #firstLive: { resolve(at: Position): void; reject(error: HubbubError): void } | undefined;

  constructor(id: RoomId, host: RoomHost) {
    super(id);
    this.#host = host;
    const asked = { me: () => host.me(), history: (query: HistoryQuery) => host.history(id, query) };
    this.#sender = new Sender({
      link: () => this.#liveLink(),
      ...asked,
      resent: (count) => {
        host.stats.resent += count;
      },
      lost: (eventId, error) => this.#feed.tell((listener) => listener.onLost?.(eventId, error)),
    });
    this.#outgoing = new RoomOutgoing({
      ...{ ...asked, keeper: host.keeper, refused: host.refused, outbox: this.#sender.outbox },
      isLive: () => this.isLive,
      flush: () => this.#sender.flush(),
      known: () => this.position?.seq ?? 0,
      ended: () => host.ended(),
      tell: (message, outcome) => this.#feed.tell((listener) => listener.onOutgoing?.(message, outcome)),
      settled: () => this.#settled(),
    });
    this.#feed = new Feed(
      {
        isLive: () => this.#liveLink() !== undefined,
        replay: () => this.#subscription.replay(),
        live: (at) => this.#live(at),
        event: (event) => this.#sender.seen(event),
        epoch: (epoch) => this.#liveLink() && this.#sender.reconcile(epoch),
        durable: (seq, epoch) => this.#sender.durable(seq, epoch),
      },
      host.stats,
    );
    this.#subscription = new Subscription(id, {
      position: () => this.#feed.position,
      refused: (error) => this.#refused(error),
    });
  }

  /** The last place this client holds. */
  get position(): Position | undefined {
    return this.#active.#feed.position;
  }

  /** Of the events of this epoch, everything up to this seq is committed, as far as the server has told. */
  get durable(): Position | undefined {
    return this.#active.#feed.mark;
  }

  /**
   * Hears the room from `since` on, until `unsubscribe`. Resolves when it is live for the first time.
   * A second call replaces the listener of the first one; for further listeners see `listen`.
   * @throws HubbubError not_member, unknown_room, too_many_subscriptions …
   */
  subscribe(listener: RoomListener): Promise<Position> {
    const ended = this.#host.ended();
    if (ended !== undefined) return ignorable(Promise.reject(ended));
    const active = this.#host.enter();
    if (active !== this) return active.subscribe(listener);
    this.#idle.clear();
    this.#firstLive?.reject(new HubbubError("closed", "another listener replaced this one"));
    this.#outgoing.passOver(listener.since?.seq);
    this.#feed.start(listener);
    const live = new Promise<Position>((resolve, reject) => {
      this.#firstLive = { resolve, reject };
      this.#subscription.start(this.#host.link());
    });
    return ignorable(live);
  }

  /**
   * A further listener, for example of another part of a page. It hears what comes from now on, as long as the room is
   * subscribed; its `since` is not looked at. Several may be added. Answers how to take it away.
   */
  listen(listener: RoomListener): () => void {
    const active = this.#host.enter();
    if (active !== this) return active.listen(listener);
    const stop = this.#feed.join(listener);
    return () => {
      stop();
      this.#letGoSoon();
    };
  }

  /** Like `listen`, and has the room subscribed where it is not. It stays so until nobody listens any more. */
  attach(listener: RoomListener): () => void {
    const ended = this.#host.ended();
    if (ended !== undefined) return () => undefined;
    const active = this.#host.enter();
    if (active !== this) return active.attach(listener);
    this.#idle.clear();
    const stop = this.listen(listener);
    if (!this.#subscription.isWanted) this.#subscription.start(this.#host.link());
    return stop;
  }

  /** Whether the room is subscribed and its replay is over. */
  get isLive(): boolean {
    return this.#active.#liveLink() !== undefined;
  }

  /** The listener hears nothing more. What is being sent is still sent; then the client lets go of the room. */
  unsubscribe(): void {
    this.#firstLive?.reject(new HubbubError("closed", "the room was unsubscribed"));
    this.#firstLive = undefined;
    this.#feed.mute();
    if (!this.#sender.outbox.isAwaited && !this.#feed.isHeard) this.#letGo();
  }

  /** Messages of this client that are not acked yet, oldest first. */
  get pending(): PendingMessage[] {
    return this.#active.#sender.outbox.pending;
  }

  /** Whether an event of this client is not acked yet: a message or a change of one. */
  get hasUnacked(): boolean {
    return this.#active.#sender.outbox.hasUnacked;
  }

  /** Takes a message back that was not sent, or did not arrive; its `publish` rejects with `closed`. Answers whether it could. */
  discard(id: string): boolean {
    return this.#active.#sender.outbox.discard(id, new HubbubError("closed", "the message was discarded"));
  }

  #letGo(): void {
    this.#idle.clear();
    if (this.#subscription.isWanted) {
      this.#host.link()?.ask({ type: "unsubscribe", room: this.id }, UNSUBSCRIBE_TIMEOUT_MS, () => undefined);
    }
    this.end(new HubbubError("closed", "the room was unsubscribed"));
    this.#feed.stop();
  }

  /** A room that nobody listens to is kept for a while behind its last message, for there may be another one. */
  #settled(): void {
    this.#host.changed();
    this.#letGoSoon();
  }

  #letGoSoon(): void {
    if (this.#feed.isHeard || this.#sender.outbox.isAwaited || this.#host.ended() !== undefined) return;
    this.#idle.set(IDLE_MS, () => this.#letGo());
  }

  /** A page of the past, for `Messages.addPage`; `http.messages.around` has what surrounds one message. */
  history(query: HistoryQuery = {}): Promise<HistoryPage> {
    return this.#host.history(this.id, query);
  }

  /** For a message that names it: `publish(text, { files: [file.id] })`. @throws HubbubError file_too_large, quota_exceeded … */
  upload(content: UploadContent, options: UploadOptions): Promise<UploadedFile> {
    return this.#host.files.upload(this.id, content, options);
  }

  /** Work in the background: `onSignal` hears of its progress, `onEvent` of its end. @throws HubbubError overloaded at a bound */
  startTask(task: Parameters<HttpTasks["start"]>[1]): Promise<TaskInfo> {
    return this.#host.tasks.start(this.id, task);
  }

  /** A link for `<img src>`, `<video src>` or a download, that works for a quarter of an hour at least. */
  fileUrl(file: string, options: { thumbnail?: ThumbnailSize | undefined } = {}): Promise<string> {
    return this.#host.files.url(this.id, file, options);
  }

  /** May be dropped: signals are worth nothing later. */
  typing(): void {
    this.#active.#liveLink()?.tell({ type: "typing", room: this.id });
  }

  /** Everything up to `seq` was read. Sent over any reconnect; the room need not be subscribed. */
  markRead(seq: number): void {
    this.#host.read(seq);
  }

  /** @internal The link is ready: go on from where we are. */
  linkReady(link: Link): void {
    if (this.#subscription.isWanted) this.#subscription.start(link);
  }

  /** @internal */
  linkLost(): void {
    this.#subscription.linkLost();
    this.#sender.linkLost();
  }

  /** @internal */
  receive(frame: FeedFrame): void {
    if (!this.#subscription.isWanted) return;
    if (frame.type === "removed") this.#subscription.refuse(new HubbubError("not_member"));
    else this.#feed.receive(frame);
  }

  /** @internal Nothing of this room goes on. */
  end(error: HubbubError): void {
    this.#idle.clear();
    this.#subscription.stop();
    this.#outgoing.end();
    this.#sender.close(error);
    this.#host.release();
    this.#firstLive?.reject(error);
    this.#firstLive = undefined;
  }

  /** @internal */
  protected override send(body: OutboxBody, until: Until = "ack", earlier?: Earlier): Promise<Published> {
    const ended = this.#host.ended();
    if (ended !== undefined) return ignorable(Promise.reject(ended));
    const active = this.#host.enter();
    return active === this ? ignorable(this.#deliver(body, until, earlier)) : active.send(body, until, earlier);
  }

  async #deliver(body: OutboxBody, until: Until, earlier?: Earlier): Promise<Published> {
    const published = this.#outgoing.give(body, until, earlier);
    this.#beginSending();
    return published;
  }

  /** @internal What an earlier client kept. `isFirst`: it goes before what this one was given. */
  resume(events: readonly KeptEvent[], isFirst: boolean): void {
    const active = this.#host.enter();
    active.#outgoing.resume(events, isFirst);
    active.#beginSending();
  }

  #beginSending(): void {
    this.#idle.clear();
    this.#host.changed();
    if (!this.#subscription.isWanted) this.#subscription.start(this.#host.link());
    this.#sender.flush();
  }

  /** Objects that were made before and behind a release of the room are one room. */
  get #active(): Room {
    return this.#host.active() ?? this;
  }

  #liveLink(): Link | undefined {
    const { state } = this.#subscription;
    return state.state === "live" ? state.link : undefined;
  }

  #live(at: Position): void {
    this.#subscription.live();
    this.#firstLive?.resolve(at);
    this.#firstLive = undefined;
    this.#sender.reconcile(at.epoch);
    this.#outgoing.live();
    this.#sender.flush();
  }

  #refused(error: HubbubError): void {
    this.#feed.tell((listener) => listener.onRefused?.(error));
    this.end(error);
  }
}
