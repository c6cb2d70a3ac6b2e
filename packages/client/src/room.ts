import { type EventId, type HistoryPage, newId, type RoomId, type UserId } from "@hubbub/protocol";
import type { ClientStats } from "./client-state.ts";
import { Feed, type FeedFrame } from "./feed.ts";
import type { HistoryQuery, Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import type { OutboxBody, Until } from "./outbox.ts";
import type { Position } from "./room-cursor.ts";
import type { RoomListener } from "./room-listener.ts";
import { Sender } from "./sender.ts";
import { Subscription } from "./subscription.ts";

const UNSUBSCRIBE_TIMEOUT_MS = 10_000;

export interface PublishOptions {
  /** `ack`: numbered and in the log. `durable`: committed. Default `ack`. */
  readonly until?: Until | undefined;
  /** 1 to 64 of `[A-Za-z0-9_-]`, unique per sender. Default: a fresh one. */
  readonly id?: string | undefined;
}

export interface RoomHost {
  link(): Link | undefined;
  me(): UserId | undefined;
  history(room: RoomId, query: HistoryQuery): Promise<HistoryPage>;
  readonly stats: ClientStats;
}

/** One room of a client: listens, publishes, and comes through lost connections without loss, double or disorder. */
export class Room {
  readonly id: RoomId;
  readonly #host: RoomHost;
  readonly #subscription: Subscription;
  readonly #sender: Sender;
  readonly #feed: Feed;
  #firstLive: { resolve(at: Position): void; reject(error: HubbubError): void } | undefined;

  constructor(id: RoomId, host: RoomHost) {
    this.id = id;
    this.#host = host;
    this.#sender = new Sender({
      link: () => this.#liveLink(),
      me: () => host.me(),
      history: (query) => host.history(id, query),
      resent: (count) => {
        host.stats.resent += count;
      },
      lost: (eventId, error) => this.#feed.listener?.onLost?.(eventId, error),
    });
    this.#feed = new Feed(
      {
        isLive: () => this.#liveLink() !== undefined,
        replay: () => this.#subscription.replay(),
        live: (at) => this.#live(at),
        event: (event) => this.#sender.seen(event),
        epoch: (epoch) => this.#liveLink() && this.#sender.reconcile(epoch),
        durable: (seq, epoch) => this.#sender.outbox.durable(seq, epoch),
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
    return this.#feed.position;
  }

  /**
   * Hears the room from `since` on, until `unsubscribe`. Resolves when it is live for the first time.
   * One listener per room: a second call replaces the first one.
   * @throws HubbubError not_member, unknown_room, too_many_subscriptions …
   */
  subscribe(listener: RoomListener): Promise<Position> {
    this.#firstLive?.reject(new HubbubError("closed", "another listener took this room"));
    this.#feed.start(listener);
    return new Promise((resolve, reject) => {
      this.#firstLive = { resolve, reject };
      this.#subscription.start(this.#host.link());
    });
  }

  /** Events of this room that nobody has acked are refused with `closed`. */
  unsubscribe(): void {
    if (this.#subscription.isWanted) {
      this.#host.link()?.ask({ type: "unsubscribe", room: this.id }, UNSUBSCRIBE_TIMEOUT_MS, () => undefined);
    }
    this.end(new HubbubError("closed", "the room was unsubscribed"));
    this.#feed.stop();
  }

  /**
   * Resolves when the message is acked, or durable; meanwhile it is re-sent under its id over every reconnect.
   * Subscribes the room, because acks and marks are made good by its replay.
   * @throws HubbubError outbox_full at the outbox's bound, forbidden, too_large, not_member …
   */
  publish(text: string, options: PublishOptions & { replyTo?: number | undefined } = {}): Promise<Published> {
    const replyTo = options.replyTo === undefined ? {} : { replyTo: options.replyTo };
    return this.#send({ type: "publish", room: this.id, id: idOf(options), text, ...replyTo }, options.until);
  }

  edit(target: number, text: string, options: PublishOptions = {}): Promise<Published> {
    return this.#send({ type: "edit", room: this.id, id: idOf(options), target, text }, options.until);
  }

  delete(target: number, options: PublishOptions = {}): Promise<Published> {
    return this.#send({ type: "delete", room: this.id, id: idOf(options), target }, options.until);
  }

  react(target: number, emoji: string, options: PublishOptions & { remove?: true } = {}): Promise<Published> {
    const remove = options.remove ? { remove: true } : {};
    return this.#send({ type: "react", room: this.id, id: idOf(options), target, emoji, ...remove }, options.until);
  }

  /** May be dropped: signals are worth nothing later. */
  typing(): void {
    this.#liveLink()?.tell({ type: "typing", room: this.id });
  }

  /** Everything up to `seq` was read. */
  read(seq: number): void {
    this.#liveLink()?.tell({ type: "read", room: this.id, seq });
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
    this.#subscription.stop();
    this.#sender.close(error);
    this.#firstLive?.reject(error);
    this.#firstLive = undefined;
  }

  async #send(body: OutboxBody, until: Until = "ack"): Promise<Published> {
    const published = this.#sender.outbox.add(body, until);
    if (!this.#subscription.isWanted) this.#subscription.start(this.#host.link());
    this.#sender.flush();
    return published;
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
    this.#sender.flush();
  }

  #refused(error: HubbubError): void {
    this.#feed.listener?.onRefused?.(error);
    this.end(error);
  }
}

function idOf(options: PublishOptions): EventId {
  return (options.id as EventId | undefined) ?? newId<EventId>();
}
