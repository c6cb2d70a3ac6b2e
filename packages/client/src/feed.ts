import type { RoomEvent, RoomId, ServerFrame, ServerFrameOf } from "@hubbub/protocol";
import type { ClientStats } from "./client-state.ts";
import { MovedEvents } from "./moved-events.ts";
import { callOwner } from "./owner.ts";
import { type Position, RoomCursor, type Span } from "./room-cursor.ts";
import type { Gap, RoomListener } from "./room-listener.ts";

/** Fresh subscribes after which a hole that is still there is told to the listener and passed over. */
const HOLE_ATTEMPTS = 3;

/** The frames that a room's feed reads. */
export type FeedFrame = Extract<ServerFrame, { room: RoomId }>;

export interface FeedEvents {
  /** While a replay is underway, what is missing may still come. */
  isLive(): boolean;
  /** Something is missing: ask for everything behind the cursor. */
  replay(): void;
  /** The replay is complete. */
  live(at: Position): void;
  /** Before the listener hears of it. */
  event(event: RoomEvent): void;
  epoch(epoch: number): void;
  durable(seq: number, epoch: number): void;
}

/** Turns the frames of one room into calls of its listener: each event once, in order, holes repaired or told. */
export class Feed {
  #cursor = new RoomCursor();
  #listener: RoomListener | undefined;
  /** Bounded by their owner, as the rooms are. */
  readonly #further = new Set<RoomListener>();
  #holeAttempts = 0;
  #mark: Position | undefined;
  readonly #moved = new MovedEvents();
  readonly #events: FeedEvents;
  readonly #stats: ClientStats;

  constructor(events: FeedEvents, stats: ClientStats) {
    this.#events = events;
    this.#stats = stats;
  }

  get position(): Position | undefined {
    return this.#cursor.position;
  }

  /** The last durable mark that was told. */
  get mark(): Position | undefined {
    return this.#mark;
  }

  start(listener: RoomListener): void {
    this.#listener = listener;
    this.#cursor = new RoomCursor(listener.since ?? this.#cursor.position);
    this.#moved.forgetBehind(this.#cursor.position?.seq ?? 0);
  }

  /** Nobody hears any more; the place is kept. */
  mute(): void {
    this.#listener = undefined;
  }

  stop(): void {
    this.#listener = undefined;
    this.#mark = undefined;
    this.#cursor = new RoomCursor();
  }

  receive(frame: FeedFrame): void {
    switch (frame.type) {
      case "event":
        this.#event(frame);
        break;
      case "gap":
        this.#gap(frame);
        break;
      case "epoch":
        this.#epoch(frame.epoch, frame.head);
        break;
      case "subscribed":
        this.#subscribed(frame);
        break;
      case "durable":
        this.#durable(frame.seq);
        break;
      case "signal":
        this.tell((listener) => listener.onSignal?.(frame));
        break;
      case "personal":
        if (frame.kind === "read") this.tell((listener) => listener.onRead?.(frame.seq));
        break;
    }
  }

  /** Hears what the listener hears, from now on. Answers how to stop. */
  join(further: RoomListener): () => void {
    this.#further.add(further);
    return () => void this.#further.delete(further);
  }

  /** Whether somebody hears this room. */
  get isHeard(): boolean {
    return this.#listener !== undefined || this.#further.size > 0;
  }

  tell(call: (listener: RoomListener) => void): void {
    const listeners = this.#listener === undefined ? this.#further : [this.#listener, ...this.#further];
    for (const listener of listeners) callOwner(() => call(listener));
  }

  #event(event: RoomEvent): void {
    const epochBefore = this.#cursor.position?.epoch ?? event.epoch;
    const verdict = this.#cursor.event(event);
    if (verdict === "hole") {
      this.#hole();
      return;
    }
    if (verdict === "duplicate") {
      this.#stats.duplicates += 1;
      return;
    }
    this.#holeAttempts = 0;
    if (event.epoch !== epochBefore) this.#epochChanged(event.epoch);
    this.#events.event(event);
    const from = this.#moved.before(event);
    if (from === undefined) this.tell((listener) => listener.onEvent(event));
    else this.tell((listener) => listener.onMoved?.(event, from));
  }

  #gap(gap: Gap): void {
    const from = Math.max(gap.from, (this.#cursor.position?.seq ?? 0) + 1);
    const verdict = this.#cursor.gap(gap);
    if (verdict === "hole") {
      this.#hole();
      return;
    }
    if (verdict === "deliver") this.tell((listener) => listener.onGap?.({ from, to: gap.to, reason: gap.reason }));
  }

  #hole(): void {
    if (this.#events.isLive()) this.#replay();
  }

  #replay(): void {
    this.#stats.holes += 1;
    this.#events.replay();
  }

  #epoch(epoch: number, head: number): void {
    const { isNew, lost } = this.#cursor.epoch(epoch, head);
    if (isNew) this.#epochChanged(epoch);
    if (lost !== undefined) this.#lost(lost);
  }

  /** An older state of the room was restored: what the listener has of these seqs is gone, and others may follow there. */
  #lost(lost: Span): void {
    this.tell((listener) => listener.onGap?.({ ...lost, reason: "epoch" }));
  }

  #epochChanged(epoch: number): void {
    this.tell((listener) => listener.onEpoch?.(epoch));
    this.#events.epoch(epoch);
  }

  /** The epoch of a mark is that of the cursor. A mark above the cursor may be of a later one: it comes again behind the replay. */
  #durable(seq: number): void {
    const { seq: given, epoch } = this.#cursor.position ?? { seq: 0, epoch: 0 };
    if (seq > given) return;
    this.#mark = { seq, epoch };
    this.#events.durable(seq, epoch);
    this.#moved.durable(seq, epoch);
    this.tell((listener) => listener.onDurable?.(seq, epoch));
  }

  #subscribed(frame: ServerFrameOf<"subscribed">): void {
    const last = this.#cursor.position?.seq ?? 0;
    const epochBefore = this.#cursor.position?.epoch ?? frame.epoch;
    const { verdict, lost } = this.#cursor.subscribed(frame.head, frame.epoch);
    if (verdict === "hole") {
      this.#holeAttempts += 1;
      if (this.#holeAttempts < HOLE_ATTEMPTS) {
        this.#replay();
        return;
      }
      this.#cursor.skipTo(frame.head);
      this.tell((listener) => listener.onGap?.({ from: last + 1, to: frame.head, reason: "unannounced" }));
    }
    if (lost !== undefined) this.#lost(lost);
    this.#holeAttempts = 0;
    const at = this.#cursor.position ?? { seq: frame.head, epoch: frame.epoch };
    this.#events.live(at);
    if (lost !== undefined && frame.epoch !== epochBefore) this.#epochChanged(frame.epoch);
    this.#epoch(frame.epoch, at.seq);
    this.tell((listener) => listener.onLive?.({ seq: at.seq, epoch: frame.epoch }));
  }
}
