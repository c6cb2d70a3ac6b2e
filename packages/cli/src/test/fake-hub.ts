import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type ClientFrame,
  type EventId,
  FRAME_MAX_BYTES,
  newId,
  type RoomEvent,
  type RoomId,
  type ServerFrame,
  SUBPROTOCOL,
  TEXT_MAX_BYTES,
  type UserId,
} from "@hubbub/protocol";
import { type WebSocket, WebSocketServer } from "ws";

export const LOBBY = {
  id: "01920000-0000-7000-8000-000000000001" as RoomId,
  name: "lobby",
  visibility: "public",
  topic: "",
};
/** The one text that it does not take. */
export const REFUSED = "refuse me";
const ADA = { id: "01920000-0000-7000-8000-00000000000a" as UserId, username: "ada" };
const BOB = { id: "01920000-0000-7000-8000-00000000000b" as UserId, username: "bob" };
const LIMITS = {
  frameMaxBytes: FRAME_MAX_BYTES,
  textMaxBytes: TEXT_MAX_BYTES,
  framesPerSecond: 1_000,
  publishesPerSecond: 1_000,
  subscriptions: 200,
  inflight: 256,
};

/** A server of one room and one guest, ada. */
export class FakeHub {
  readonly log: RoomEvent[] = [];
  readonly received: ClientFrame[] = [];
  readonly #http: Server = createServer((request, response) => this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http, handleProtocols: () => SUBPROTOCOL });
  readonly #subscribed = new Set<WebSocket>();

  async listen(): Promise<string> {
    this.#sockets.on("connection", (socket) => {
      socket.on("message", (data) => this.#answer(JSON.parse(data.toString()) as ClientFrame, socket));
      socket.on("close", () => this.#subscribed.delete(socket));
    });
    await new Promise<void>((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  say(text: string, by = BOB, id = newId<EventId>()): RoomEvent {
    const seq = this.log.length + 1;
    const event = { type: "event", room: LOBBY.id, epoch: 1, seq, at: 0, by, kind: "message", id, text } as const;
    this.log.push(event);
    this.broadcast(event);
    return event;
  }

  broadcast(frame: ServerFrame): void {
    for (const socket of this.#subscribed) socket.send(JSON.stringify(frame));
  }

  #answer(frame: ClientFrame, socket: WebSocket): void {
    this.received.push(frame);
    const send = (answer: ServerFrame): void => socket.send(JSON.stringify(answer));
    if (frame.type === "hello") {
      send({
        type: "ready",
        ref: frame.ref,
        user: ADA,
        connection: "c",
        node: "n",
        heartbeatMs: 60_000,
        limits: LIMITS,
      });
    } else if (frame.type === "subscribe") {
      for (const event of this.log.slice(frame.since?.seq ?? this.log.length)) send(event);
      this.#subscribed.add(socket);
      send({ type: "subscribed", ref: frame.ref, room: LOBBY.id, epoch: 1, head: this.log.length, recovered: true });
    } else if (frame.type === "publish" && frame.text === REFUSED) {
      send({ type: "error", ref: frame.ref, code: "not_member", message: "no member" });
    } else if (frame.type === "publish") {
      const { seq, epoch, at } = this.say(frame.text, ADA, frame.id);
      send({ type: "ack", ref: frame.ref, room: LOBBY.id, seq, epoch, at });
    } else if (frame.type === "bye") {
      socket.close(1000);
    }
  }

  #serve({ method, url }: IncomingMessage, response: ServerResponse): void {
    const room = { ...LOBBY, head: this.log.length, role: "member" };
    const tokens = { user: ADA, accessToken: "a", refreshToken: "r", expiresIn: 600 };
    const answers: Record<string, unknown> = {
      "POST guest": tokens,
      "GET rooms": { rooms: [room] },
      [`GET ${LOBBY.id}`]: room,
      "GET messages": { messages: this.log, head: this.log.length, epoch: 1 },
      "GET members": { members: [{ user: ADA, role: "owner", online: true }] },
    };
    const call = `${method} ${url?.split("?")[0]?.split("/").at(-1)}`;
    const body = answers[call] ?? { code: "not_found", detail: call };
    response.writeHead(call in answers ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(body));
  }
}
