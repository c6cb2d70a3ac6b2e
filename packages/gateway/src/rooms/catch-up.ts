import { peekEventHead } from "@hubbub/protocol";
import type { GatewaySettings } from "../config.ts";
import type { Connection } from "../connections/connection.ts";
import { encodeEpoch, encodeGap } from "../connections/frames.ts";
import type { Position, SubscribedRoom, Subscription } from "../connections/subscription.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { TurnThrottle } from "../turn-throttle.ts";
import { gapReason, isRenumbered } from "./epochs.ts";
import type { Entry, Pages } from "./pages.ts";

/** Unsent bytes above which a catch-up waits for the connection. Far below MAX_BACKPRESSURE_BYTES. */
const UNSENT_MAX_BYTES = 32_768;
/** Chunks of catch-ups that leave in one turn of the event loop. With 32 KiB each: a quarter of a MiB, about 2 ms. */
export const CHUNKS_PER_TURN = 8;
/** Bytes handed to a connection at once. */
const CHUNK_BYTES = 32_768;

export interface CatchUpContext {
  readonly pages: Pages;
  readonly catchUpTurns: TurnThrottle;
  readonly metrics: GatewayMetrics;
  readonly settings: GatewaySettings;
}

/** A connection that has a room of the hub, and not its topic. */
export interface Joined {
  readonly connection: Connection;
  readonly subscription: Subscription;
  readonly live: SubscribedRoom;
}

/** Where a catch-up begins. `recovered`: no event before it is missing. */
export type Start = Position & { readonly recovered: boolean };

/** `left`: the subscription or the connection ended meanwhile. `stalled`: nothing could be written for SLOW_DEADLINE_MS. */
export type CatchUpOutcome = "live" | "left" | "stalled";

/**
 * Brings a connection from its position to the live topic, with no event missing and none twice: first from pages, then
 * from the ring. The topic is added in the same synchronous step as the last of the ring.
 */
export async function catchUp(
  { pages, catchUpTurns, metrics, settings }: CatchUpContext,
  { connection, subscription, live }: Joined,
  since: Position,
  onLive: (recovered: boolean) => void,
): Promise<CatchUpOutcome> {
  const isCurrent = (): boolean => connection.isOpen && connection.subscriptions.get(live.id) === subscription;
  const maySend = (): boolean => isCurrent() && connection.bufferedBytes <= UNSENT_MAX_BYTES;
  const progress = new Progress(connection, live, since);
  while (isCurrent()) {
    if (!maySend()) {
      if (!(await connection.drained(settings.SLOW_DEADLINE_MS))) return "stalled";
      continue;
    }
    if (progress.seq >= live.last) {
      live.flush();
      progress.announceEpoch(live.toldEpoch, live.last);
      subscription.state = "live";
      onLive(progress.recovered);
      connection.addTopic(live.id);
      live.listeners.add(connection);
      return "live";
    }
    await catchUpTurns.turn();
    if (!progress.isInRing) metrics.caughtUp(await progress.sendPage(pages, maySend));
    else if (maySend()) metrics.caughtUp(progress.sendRing());
  }
  return "left";
}

class Progress {
  readonly #connection: Connection;
  readonly #live: SubscribedRoom;
  seq: number;
  recovered = true;
  /** Epoch of the last event sent. */
  #epoch: number;
  /** The newest epoch that the client knows of. */
  #announced: number;

  constructor(connection: Connection, live: SubscribedRoom, since: Position) {
    this.#connection = connection;
    this.#live = live;
    this.seq = since.seq;
    this.#epoch = since.epoch;
    this.#announced = since.epoch;
  }

  /** Must precede all events of the epoch. The first event of `epoch` is `head` + 1. */
  announceEpoch(epoch: number, head: number): void {
    const news = this.#epochNews(epoch, head);
    if (news !== null) this.#connection.send(news);
  }

  get isInRing(): boolean {
    return this.seq >= this.#live.ring.floor;
  }

  /** Returns the bytes sent. */
  sendRing(): number {
    const frames = this.#live.ring.after(this.seq, CHUNK_BYTES);
    const newest = frames.at(-1);
    if (newest === undefined) throw new Error(`the ring of room ${this.#live.id} ends at ${this.seq}`);
    const { epoch } = peekEventHead(newest);
    this.seq += frames.length;
    this.#epoch = epoch;
    return this.#send(epoch === this.#announced ? frames : this.#withEpochs(frames));
  }

  /** Returns the bytes sent; 0 if another room of the connection has sent meanwhile. The page is then read again, usually from memory. */
  async sendPage(pages: Pages, maySend: () => boolean): Promise<number> {
    const entries = await pages.read(this.#live.id, this.seq, this.#live.last);
    if (!maySend()) return 0;
    if (entries.length === 0) throw new Error(`the timeline of room ${this.#live.id} ends at ${this.seq}`);
    const frames: (Buffer | string)[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (bytes >= CHUNK_BYTES) break;
      const news = this.#newsBefore(entry);
      if (news !== null) frames.push(news);
      frames.push(entry.frame ?? this.#gapTo(entry));
      bytes += entry.frame?.length ?? 0;
      if (entry.frame !== null) this.#epoch = entry.epoch ?? this.#epoch;
      this.seq = entry.seq;
    }
    return this.#send(frames);
  }

  #withEpochs(frames: readonly Buffer[]): (Buffer | string)[] {
    return frames.flatMap((frame) => {
      const { epoch, seq } = peekEventHead(frame);
      const news = this.#epochNews(epoch, seq - 1);
      return news === null ? [frame] : [news, frame];
    });
  }

  #newsBefore({ seq, frame, epoch = this.#live.toldEpoch }: Entry): string | null {
    return this.#epochNews(epoch, frame === null ? seq : seq - 1);
  }

  /** null: the client knows of it. */
  #epochNews(epoch: number, head: number): string | null {
    if (epoch <= this.#announced) return null;
    const isNews = isRenumbered(this.#announced, epoch);
    this.#announced = epoch;
    return isNews ? encodeEpoch(this.#live.id, epoch, head) : null;
  }

  #gapTo({ seq, epoch = this.#live.toldEpoch }: Entry): string {
    this.recovered = false;
    return encodeGap(this.#live.id, this.seq + 1, seq, gapReason(this.#epoch, epoch));
  }

  #send(frames: readonly (Buffer | string)[]): number {
    this.#connection.sendAll(frames);
    return frames.reduce((bytes, frame) => bytes + frame.length, 0);
  }
}
