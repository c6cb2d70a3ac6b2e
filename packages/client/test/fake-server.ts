import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type ClientFrame,
  type ErrorCode,
  type EventId,
  FRAME_MAX_BYTES,
  type Limits,
  newId,
  type RoomEvent,
  type RoomId,
  type ServerFrame,
  SUBPROTOCOL,
  TEXT_MAX_BYTES,
  type UserId,
} from "@hubbub/protocol";
import { type WebSocket, WebSocketServer } from "ws";

export const ROOM = "01920000-0000-7000-8000-000000000001" as RoomId;
export const ALICE = { id: "01920000-0000-7000-8000-00000000000a" as UserId, username: "alice" };
export const BOB = { id: "01920000-0000-7000-8000-00000000000b" as UserId, username: "bob" };

type Written = Extract<ClientFrame, { type: "publish" | "edit" | "delete" | "react" | "pin" }>;
type Handler = (frame: ClientFrame, connection: FakeConnection) => boolean | undefined;

export interface FakeConnection {
  readonly socket: WebSocket;
  subscribed: boolean;
  send(frame: ServerFrame): void;
}

/** The other end of the wire: one room, one order, dedupe by id. `intercept` answers true for a frame it takes over. */
export class FakeServer {
  readonly #http = createServer((request, response) => this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http, handleProtocols: () => SUBPROTOCOL });
  readonly connections = new Set<FakeConnection>();
  readonly received: ClientFrame[] = [];
  readonly log: RoomEvent[] = [];
  readonly tokens: string[] = [];
  intercept: Handler = () => undefined;
  http: (request: IncomingMessage) => { status: number; body: unknown } | undefined = () => undefined;
  epoch = 1;
  head = 0;
  heartbeatMs = 60_000;
  limits: Limits = {
    frameMaxBytes: FRAME_MAX_BYTES,
    textMaxBytes: TEXT_MAX_BYTES,
    framesPerSecond: 10_000,
    publishesPerSecond: 10_000,
    subscriptions: 200,
    inflight: 256,
  };

  async listen(): Promise<string> {
    this.#sockets.on("connection", (socket) => this.#connected(socket));
    await new Promise<void>((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.terminate();
    this.#sockets.close();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** Every connection ends with this code; without one it is cut. */
  disconnect(code?: number): void {
    for (const { socket } of this.connections) code === undefined ? socket.terminate() : socket.close(code);
  }

  /** Somebody says something. */
  say(text: string, by = BOB, id = newId<EventId>(), isDelivered = true): RoomEvent {
    const seq = ++this.head;
    const event: RoomEvent = {
      type: "event",
      room: ROOM,
      epoch: this.epoch,
      seq,
      at: seq,
      by,
      kind: "message",
      id,
      text,
    };
    this.log.push(event);
    if (isDelivered) this.broadcast(event);
    return event;
  }

  broadcast(frame: ServerFrame): void {
    for (const connection of this.connections) if (connection.subscribed) connection.send(frame);
  }

  of<Type extends ClientFrame["type"]>(type: Type): Extract<ClientFrame, { type: Type }>[] {
    return this.received.filter((frame) => frame.type === type) as Extract<ClientFrame, { type: Type }>[];
  }

  refuse(connection: FakeConnection, ref: number, code: ErrorCode, retryAfterMs?: number): true {
    connection.send({
      type: "error",
      ref,
      code,
      message: code,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    return true;
  }

  #connected(socket: WebSocket): void {
    const connection: FakeConnection = {
      socket,
      subscribed: false,
      send: (frame) => socket.send(JSON.stringify(frame)),
    };
    this.connections.add(connection);
    socket.on("close", () => this.connections.delete(connection));
    socket.on("message", (data) => {
      // What is still in the buffer of a connection that was cut never arrived.
      if (socket.readyState !== socket.OPEN) return;
      const frame = JSON.parse(data.toString()) as ClientFrame;
      this.received.push(frame);
      if (!this.intercept(frame, connection)) this.#answer(frame, connection);
    });
  }

  #answer(frame: ClientFrame, connection: FakeConnection): void {
    const { heartbeatMs, epoch, head } = this;
    const { limits } = this;
    if (frame.type === "hello") {
      this.tokens.push(frame.token);
      connection.send({ type: "ready", ref: frame.ref, user: ALICE, connection: "c", node: "n", heartbeatMs, limits });
    } else if (frame.type === "subscribe") {
      const since = frame.since?.seq ?? head;
      for (const event of this.log.filter(({ seq }) => seq > since)) connection.send(event);
      connection.subscribed = true;
      connection.send({ type: "subscribed", ref: frame.ref, room: ROOM, epoch, head, recovered: true });
    } else if (frame.type === "unsubscribe") {
      connection.subscribed = false;
      connection.send({ type: "unsubscribed", ref: frame.ref, room: ROOM });
    } else if (isWritten(frame)) {
      this.accept(frame, connection);
    } else if (frame.type === "ping") {
      connection.send({ type: "pong", ref: frame.ref, at: 0 });
    } else if (frame.type === "bye") {
      connection.socket.close(1000);
    }
  }

  /** Numbers it once, whatever often it comes. */
  accept(frame: Written, connection: FakeConnection): void {
    const known = this.log.find(({ id }) => id === frame.id);
    const { seq, epoch, at } = known ?? this.#write(frame);
    connection.send({ type: "ack", ref: frame.ref, room: ROOM, seq, epoch, at, ...(known ? { duplicate: true } : {}) });
  }

  #write(frame: Written): RoomEvent {
    if (frame.type === "publish") return this.say(frame.text, ALICE, frame.id);
    const { type: kind, ref: _ref, round: _round, ...body } = frame;
    const seq = ++this.head;
    const event = { type: "event", epoch: this.epoch, seq, at: seq, by: ALICE, kind, ...body } as RoomEvent;
    this.log.push(event);
    this.broadcast(event);
    return event;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const answer = this.http(request) ?? { status: 404, body: { code: "not_found" } };
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  }
}

function isWritten(frame: ClientFrame): frame is Written {
  const { type } = frame;
  return type === "publish" || type === "edit" || type === "delete" || type === "react" || type === "pin";
}
