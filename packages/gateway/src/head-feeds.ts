import { MENTIONS_MAX, type RoomEvent } from "@hubbub/protocol";
import type { Connection } from "./connections/connection.ts";
import { topicOf } from "./connections/subscription.ts";
import type { LiveRoom } from "./rooms/live-room.ts";

/** How often one room is told. */
const TELL_MS = 1_000;
/** Bytes of events that are read for one frame; older ones since the last frame are left out. */
const READ_BYTES = 16_384;
const READ_ALL = Number.POSITIVE_INFINITY;
const PREVIEW_MAX = 120;

type Mentions = Extract<RoomEvent, { kind: "message" }>["mentions"];

interface Told {
  seq: number;
  /** Monotonic ms. */
  at: number;
}

export interface HeadFeedsOptions {
  publish(topic: string, frame: string): void;
  hasListeners(topic: string): boolean;
}

/**
 * Rooms that connections have subscribed in head mode. Each has a topic of its own, and at most one frame a second is encoded
 * for all of its listeners. Nothing is done when an event arrives: a room that nobody follows like this pays nothing.
 */
export class HeadFeeds {
  readonly #options: HeadFeedsOptions;
  /** Bounded by the rooms of the hub. */
  readonly #rooms = new Map<LiveRoom, Told>();

  constructor(options: HeadFeedsOptions) {
    this.#options = options;
  }

  /** The connection knows the head of the moment. `hidden`: it may not see events up to there, which the others are told now. */
  add(connection: Connection, room: LiveRoom, hidden = 0): void {
    const told = this.#rooms.get(room);
    if (told === undefined) this.#rooms.set(room, { seq: room.last, at: 0 });
    else if (told.seq < hidden) this.#tell(room, told, performance.now());
    connection.addTopic(topicOf(room.id, "head"));
  }

  /** Called several times a second, so that a quiet room is told soon. */
  tell(now = performance.now()): void {
    for (const [room, told] of this.#rooms) {
      if (room.last === told.seq || now - told.at < TELL_MS) continue;
      const topic = topicOf(room.id, "head");
      if (!this.#options.hasListeners(topic)) {
        this.#rooms.delete(room);
        continue;
      }
      this.#tell(room, told, now);
    }
  }

  #tell(room: LiveRoom, told: Told, now: number): void {
    this.#options.publish(topicOf(room.id, "head"), encodeHead(room, told.seq));
    told.seq = room.last;
    told.at = now;
  }

  /** Forgets rooms without listeners that stay quiet. */
  sweep(): void {
    for (const room of this.#rooms.keys()) {
      if (!this.#options.hasListeners(topicOf(room.id, "head"))) this.#rooms.delete(room);
    }
  }
}

/** Epoch and seq are those of the newest event; what the gateway does not have any more is left out. */
function encodeHead({ id, epoch, last: seq, ring }: LiveRoom, since: number): string {
  const { newest, mentions } = read(newestOf(ring.after(Math.max(ring.floor, Math.min(since, seq)), READ_ALL)));
  const news = newest === undefined ? {} : { at: newest.at, by: newest.by, ...previewOf(newest) };
  return JSON.stringify({ type: "head", room: id, epoch, seq, ...news, ...mentions });
}

/** Newest first, at most `READ_BYTES`. */
function newestOf(frames: readonly Buffer[]): Buffer[] {
  let bytes = 0;
  return frames.toReversed().filter((frame) => {
    bytes += frame.length;
    return bytes <= READ_BYTES;
  });
}

/** Only frames that matter are parsed: up to the newest message, and those with a deletion or mentions. */
function read(frames: readonly Buffer[]): { newest: RoomEvent | undefined; mentions: { mentions?: Mentions } } {
  const deleted = new Set<number>();
  let message: RoomEvent | undefined;
  let newest: RoomEvent | undefined;
  let mentions: Mentions;
  for (const frame of frames) {
    const matters = message === undefined || frame.includes('"mentions":') || frame.includes('"kind":"delete"');
    if (!matters) continue;
    const event = JSON.parse(frame.toString()) as RoomEvent;
    newest ??= event;
    if (event.kind === "delete") deleted.add(event.target);
    if (event.kind !== "message" || deleted.has(event.seq)) continue;
    if (event.thread === undefined || event.broadcast) message ??= event;
    mentions = joined(mentions, event.mentions);
  }
  return { newest: message ?? newest, mentions: mentions === undefined ? {} : { mentions } };
}

function previewOf(event: RoomEvent): { preview?: string } {
  return event.kind === "message"
    ? { preview: [...event.text.slice(0, 2 * PREVIEW_MAX)].slice(0, PREVIEW_MAX).join("") }
    : {};
}

function joined(one: Mentions, other: Mentions): Mentions {
  if (one === undefined || other === undefined) return one ?? other;
  const names = [...new Set([...(one.names ?? []), ...(other.names ?? [])])].slice(0, MENTIONS_MAX);
  return { ...one, ...other, ...(names.length === 0 ? {} : { names }) };
}
