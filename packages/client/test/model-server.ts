import type { ClientFrame, Limits, RoomId, ServerFrame } from "@hubbub/protocol";
import type { OpenTransport, TransportEvents } from "../src/transport.ts";
import type { Channels } from "./channels.ts";
import { ALICE, ROOM } from "./fake-server.ts";

export interface Entry {
  readonly seq: number;
  readonly epoch: number;
  readonly id: string;
}

interface Following {
  readonly ref: number;
  seq: number;
  announced: number;
}

const LIMITS: Limits = {
  frameMaxBytes: 51_200,
  textMaxBytes: 8_192,
  framesPerSecond: 1_000_000,
  publishesPerSecond: 1_000_000,
  subscriptions: 1_000,
  inflight: 256,
};

/** A gateway with one room as the protocol describes it: catch-up in steps, epochs that begin below, rounds. */
export class ModelServer {
  readonly connections = new Set<Connection>();
  log: Entry[] = [];
  epoch = 1;
  /** Where each epoch began. */
  readonly begins = new Map<number, number>([[1, 0]]);
  /** So many of the next publishes are refused. */
  refusals = 0;
  opened = 0;
  readonly #channels: Channels;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  get head(): number {
    return this.log.at(-1)?.seq ?? 0;
  }

  readonly open: OpenTransport = (_url, _subprotocol, events) => {
    this.opened += 1;
    const connection = new Connection(this, this.#channels.open(), events);
    const toServer = this.#channels.open();
    this.connections.add(connection);
    connection.tell(() => events.opened());
    return {
      send: (text) => toServer(() => connection.receive(JSON.parse(text) as ClientFrame)),
      close: () => toServer(() => connection.end(1000)),
      abort: () => {
        connection.isHeard = false;
        connection.end(1006);
      },
    };
  };

  accept(id: string): { entry: Entry; isNew: boolean } {
    const known = this.log.find((entry) => entry.id === id);
    if (known !== undefined) return { entry: known, isNew: false };
    const entry = { seq: this.head + 1, epoch: this.epoch, id };
    this.log.push(entry);
    for (const connection of this.connections) if (connection.isLive) connection.send(eventOf(entry));
    return { entry, isNew: true };
  }

  /** An older state of the room is restored. */
  restore(back: number): void {
    const before = this.head;
    this.log = this.log.filter(({ seq }) => seq <= before - back);
    this.epoch += 1;
    this.begins.set(this.epoch, this.head);
    const { head, epoch } = this;
    for (const connection of this.connections) {
      if (!connection.isLive) continue;
      if (before > head) connection.send({ type: "gap", room: ROOM, from: head + 1, to: before, reason: "epoch" });
      connection.send({ type: "epoch", room: ROOM, epoch, head });
    }
  }

  /** Catch-ups go on. */
  work(): boolean {
    return [...this.connections].map((connection) => connection.follow()).includes(true);
  }
}

class Connection {
  isLive = false;
  isHeard = true;
  readonly tell: (deliver: () => void) => void;
  readonly #server: ModelServer;
  readonly #events: TransportEvents;
  #following: Following | undefined;
  #waiting: ClientFrame[] = [];
  #refused = { round: -1, ref: 0 };

  constructor(server: ModelServer, put: (deliver: () => void) => void, events: TransportEvents) {
    this.#server = server;
    this.#events = events;
    this.tell = (deliver) => put(() => this.isHeard && deliver());
  }

  send(frame: ServerFrame): void {
    this.tell(() => this.#events.received(JSON.stringify(frame)));
  }

  end(code: number): void {
    if (!this.#server.connections.delete(this)) return;
    this.isLive = false;
    this.tell(() => this.#events.closed(code));
  }

  receive(frame: ClientFrame): void {
    if (!this.#server.connections.has(this)) return;
    const { ref } = frame as { ref: number };
    if (frame.type === "hello") {
      const ready = { user: ALICE, connection: "c", node: "n", heartbeatMs: 60_000, limits: LIMITS };
      this.send({ type: "ready", ref, ...ready });
    } else if (frame.type === "subscribe" || frame.type === "unsubscribe") this.#ofRoom(frame);
    else if (frame.type === "publish") this.#publish(frame);
    else if (frame.type === "bye") this.end(1000);
    else this.send({ type: "error", ref, code: "unsupported", message: frame.type });
  }

  follow(): boolean {
    const following = this.#following;
    if (following === undefined) return false;
    const { log, head, epoch } = this.#server;
    this.#goBack(following);
    for (const entry of log.filter(({ seq }) => seq > following.seq).slice(0, 2)) {
      if (entry.epoch !== following.announced) this.#announce(following, entry.epoch, entry.seq - 1);
      this.send(eventOf(entry));
      following.seq = entry.seq;
    }
    if (following.seq < head) return true;
    if (following.announced !== epoch) this.#announce(following, epoch, head);
    this.send({ type: "subscribed", ref: following.ref, room: ROOM, epoch, head, recovered: true });
    this.isLive = true;
    this.#following = undefined;
    for (const frame of this.#waiting.splice(0)) this.#ofRoom(frame);
    return true;
  }

  #ofRoom(frame: ClientFrame): void {
    if (this.#following !== undefined && frame.type === "subscribe") this.#waiting.push(frame);
    else if (frame.type === "subscribe") this.#subscribe(frame.ref, frame.since);
    else if (frame.type === "unsubscribe") this.#unsubscribe(frame.ref);
  }

  #subscribe(ref: number, since = { seq: this.#server.head, epoch: this.#server.epoch }): void {
    this.isLive = false;
    this.#following = { ref, seq: since.seq, announced: since.epoch };
    this.#goBack(this.#following);
  }

  /** To what is left of the epoch that the client knows. */
  #goBack(following: Following): void {
    const later = [...this.#server.begins].filter(([epoch]) => epoch > following.announced).map(([, head]) => head);
    const seq = Math.min(following.seq, ...later);
    if (seq === following.seq) return;
    this.send({ type: "gap", room: ROOM, from: seq + 1, to: following.seq, reason: "epoch" });
    following.seq = seq;
    this.#announce(following, this.#server.epoch, seq);
  }

  #unsubscribe(ref: number): void {
    if (this.#following !== undefined) {
      const message = "unsubscribed";
      this.send({ type: "error", ref: this.#following.ref, code: "not_subscribed", message, room: ROOM });
    }
    this.#following = undefined;
    this.isLive = false;
    this.send({ type: "unsubscribed", ref, room: ROOM as RoomId });
    for (const frame of this.#waiting.splice(0)) this.#ofRoom(frame);
  }

  #publish({ ref, id, round = 0 }: Extract<ClientFrame, { type: "publish" }>): void {
    const { round: refusedRound, ref: refusedRef } = this.#refused;
    const isHeldBack = round < refusedRound || (round === refusedRound && ref > refusedRef);
    if (isHeldBack || this.#server.refusals > 0) {
      if (!isHeldBack) {
        this.#server.refusals -= 1;
        this.#refused = { round, ref };
      }
      this.send({ type: "error", ref, code: isHeldBack ? "out_of_order" : "unavailable", message: "refused" });
      return;
    }
    const { entry, isNew } = this.#server.accept(id);
    const { seq, epoch } = entry;
    this.send({ type: "ack", ref, room: ROOM, seq, epoch, at: 0, ...(isNew ? {} : { duplicate: true as const }) });
  }

  #announce(following: Following, epoch: number, head: number): void {
    following.announced = epoch;
    this.send({ type: "epoch", room: ROOM, epoch, head });
  }
}

function eventOf({ seq, epoch, id }: Entry): ServerFrame {
  return { type: "event", room: ROOM, epoch, seq, at: 0, by: ALICE, kind: "message", id, text: id } as ServerFrame;
}
