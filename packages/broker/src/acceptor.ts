import { type EventId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { type AcceptResult, type Broker, BrokerUnavailable } from "./broker.ts";
import { type Accepted, Lane, type Pending } from "./lane.ts";
import { shardOf } from "./shard-of.ts";

export interface AcceptorOptions {
  readonly broker: Pick<Broker, "accept" | "initialise" | "shards" | "epochJump">;
  /** `Rooms.beginEpoch` of the store. What it throws reaches whoever waits for the room. */
  readonly beginEpoch: (room: RoomId, seen: number, jump: number) => Promise<{ epoch: number; head: number }>;
}

/** Events and bytes of their bodies waiting in one process; one more is refused with `overloaded`. */
const WAITING_EVENTS_MAX = 20_000;
const WAITING_BYTES_MAX = 64 * 1_024 * 1_024;
/** Rooms of which the highest seen seq is remembered; of a forgotten one the log is trusted. */
const SEEN_ROOMS_MAX = 50_000;
/** How often one event may find its room uninitialised before it is refused with `unavailable`. */
const INITIALISE_MAX = 4;
const OVERLOADED_RETRY_MS = 1_000;

/**
 * The way into the log: gathers events into batches by shard, starts epochs where the log asks for one, and turns
 * refusals into errors of the wire. While a room waits for its epoch its events wait with it, in their order, and
 * hold up no other room.
 */
export class Acceptor {
  readonly #broker: AcceptorOptions["broker"];
  readonly #beginEpoch: AcceptorOptions["beginEpoch"];
  readonly #lanes: readonly Lane[];
  /** Rooms that wait for an epoch, with their events; bounded with all that waits. */
  readonly #parked = new Map<RoomId, Pending[]>();
  /** Least recently moved first. */
  readonly #seen = new Map<RoomId, number>();
  #waitingEvents = 0;
  #waitingBytes = 0;

  constructor({ broker, beginEpoch }: AcceptorOptions) {
    this.#broker = broker;
    this.#beginEpoch = beginEpoch;
    this.#lanes = Array.from({ length: broker.shards }, (_none, shard) => {
      const lane: Lane = new Lane((batch) => this.#send(shard, lane, batch));
      return lane;
    });
  }

  /** @throws ProtocolError overloaded, unavailable: the same event id may be sent again */
  async accept(request: { room: RoomId; user: UserId; id: EventId; body: string }): Promise<Accepted> {
    if (this.#waitingEvents >= WAITING_EVENTS_MAX || this.#waitingBytes >= WAITING_BYTES_MAX) throw overloaded();
    const bytes = Buffer.byteLength(request.body);
    this.#waitingEvents += 1;
    this.#waitingBytes += bytes;
    const accepted = new Promise<Accepted>((resolve, reject) => {
      this.#enqueue({ request, tries: 0, resolve, reject });
    });
    return await accepted.finally(() => {
      this.#waitingEvents -= 1;
      this.#waitingBytes -= bytes;
    });
  }

  /** A delivery of the room had this seq: a log that is behind it must not number. */
  saw(room: RoomId, seq: number): void {
    if (seq <= (this.#seen.get(room) ?? 0)) return;
    this.#seen.delete(room);
    this.#seen.set(room, seq);
    if (this.#seen.size <= SEEN_ROOMS_MAX) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      break;
    }
  }

  #enqueue(pending: Pending): void {
    const { room } = pending.request;
    const parked = this.#parked.get(room);
    if (parked === undefined) this.#lane(room).push([pending]);
    else parked.push(pending);
  }

  #lane(room: RoomId): Lane {
    const lane = this.#lanes[shardOf(room, this.#broker.shards)];
    if (lane === undefined) throw new RangeError("a room outside all shards");
    return lane;
  }

  #send(shard: number, lane: Lane, batch: readonly Pending[]): Promise<void> {
    const requests = batch.map(({ request }) => ({ ...request, seen: this.#seen.get(request.room) ?? 0 }));
    return this.#broker.accept(shard, requests).then(
      (results) => this.#settle(lane, batch, results),
      (error) => refuse(batch, error),
    );
  }

  #settle(lane: Lane, batch: readonly Pending[], results: readonly AcceptResult[]): void {
    const refused = new Map<RoomId, Refused>();
    for (const [at, pending] of batch.entries()) {
      const result = results[at];
      const { room } = pending.request;
      if (result === undefined) throw new Error("the log answered less than it was asked");
      if (result.state === "overloaded") pending.reject(overloaded());
      else if (result.state === "uninitialised") {
        const { events }: Refused = refused.get(room) ?? { events: [], head: 0 };
        refused.set(room, { events, head: result.head });
        if (mayTryAgain(pending)) events.push(pending);
      } else {
        this.saw(room, result.seq);
        pending.resolve(result);
      }
    }
    if (refused.size > 0) this.#park(lane, refused);
  }

  /**
   * Takes rooms off their lane, with all their events: none is under way, as the lane has one batch under way and this was
   * it. So what comes back to the lane comes in order.
   */
  #park(lane: Lane, refused: ReadonlyMap<RoomId, Refused>): void {
    for (const pending of lane.extract(refused)) refused.get(pending.request.room)?.events.push(pending);
    for (const [room, { events, head }] of refused) {
      if (events.length === 0) continue;
      this.#parked.set(room, events);
      this.#initialise(room, Math.max(head, this.#seen.get(room) ?? 0)).then(
        () => lane.push(this.#unpark(room)),
        (error) => refuse(this.#unpark(room), error),
      );
    }
  }

  #unpark(room: RoomId): readonly Pending[] {
    const parked = this.#parked.get(room) ?? [];
    this.#parked.delete(room);
    return parked;
  }

  async #initialise(room: RoomId, seen: number): Promise<void> {
    const start = await this.#beginEpoch(room, seen, this.#broker.epochJump);
    await this.#broker.initialise(room, { ...start, seen });
  }
}

interface Refused {
  readonly events: Pending[];
  readonly head: number;
}

function mayTryAgain(pending: Pending): boolean {
  pending.tries += 1;
  if (pending.tries <= INITIALISE_MAX) return true;
  pending.reject(new ProtocolError("unavailable", "the room could not be numbered"));
  return false;
}

function overloaded(): ProtocolError {
  return new ProtocolError("overloaded", undefined, { retryAfterMs: OVERLOADED_RETRY_MS });
}

function refuse(batch: readonly Pending[], error: unknown): void {
  const reason =
    error instanceof BrokerUnavailable ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
  for (const { reject } of batch) reject(reason);
}
