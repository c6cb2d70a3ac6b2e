import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  CLOSE,
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
/** A second room, in which nothing was said. */
export const KITCHEN = { ...LOBBY, id: "01920000-0000-7000-8000-000000000002" as RoomId, name: "kitchen" };
/** The one text that it does not take. */
export const REFUSED = "refuse me";
export const ADA = { id: "01920000-0000-7000-8000-00000000000a" as UserId, username: "ada" };
export const BOB = { id: "01920000-0000-7000-8000-00000000000b" as UserId, username: "bob" };
export const TOKENS = { user: ADA, accessToken: "a", refreshToken: "r", expiresIn: 600 };
const LIMITS = {
  frameMaxBytes: FRAME_MAX_BYTES,
  textMaxBytes: TEXT_MAX_BYTES,
  framesPerSecond: 1_000,
  publishesPerSecond: 1_000,
  subscriptions: 200,
  inflight: 256,
};

/** A server of one guest, ada, and one room in which things are said. */
export class FakeHub {
  readonly log: RoomEvent[] = [];
  readonly received: ClientFrame[] = [];
  /** `METHOD path body` of each call. */
  readonly calls: string[] = [];
  /** Publishes get no answer. */
  isDeaf = false;
  /** Calls get no answer. */
  isSilent = false;
  /** Instead of the usual answer, for calls `METHOD end-of-path`; each is given once. */
  readonly replies: Record<string, { status: number; body: object }[]> = {};
  /** What `GET content` answers, in ranges; `cuts`: after how many bytes the connection breaks, once each. */
  archive = { content: Buffer.alloc(0), cuts: [] as number[] };
  /** What it keeps of the line typed in the lobby. */
  draft = { text: "", at: 0 };
  /** Where it listens. */
  url: string | undefined;
  readonly #http: Server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  readonly #sockets = new WebSocketServer({ server: this.#http, handleProtocols: () => SUBPROTOCOL });
  readonly #subscribed = new Set<WebSocket>();

  /** `port`: 0 for any. */
  async listen(port = 0): Promise<string> {
    this.#sockets.on("connection", (socket) => {
      socket.on("message", (data) => this.#answer(JSON.parse(data.toString()) as ClientFrame, socket));
      socket.on("close", () => this.#subscribed.delete(socket));
    });
    await new Promise<void>((resolve) => this.#http.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    return this.url;
  }

  async close(): Promise<void> {
    this.cut();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  say(text: string, by = BOB, id = newId<EventId>()): RoomEvent {
    const seq = this.log.length + 1;
    const event = { type: "event", room: LOBBY.id, epoch: 1, seq, at: 0, by, kind: "message", id, text } as const;
    this.log.push(event);
    this.broadcast(event);
    return event;
  }

  /** Ends the session of everybody. */
  revoke(): void {
    for (const socket of this.#sockets.clients) socket.close(CLOSE.sessionRevoked);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  broadcast(frame: ServerFrame): void {
    for (const socket of this.#subscribed) socket.send(JSON.stringify(frame));
  }

  /** To every connection, whatever it has subscribed. */
  announce(frame: ServerFrame): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify(frame));
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
    } else if (frame.type === "subscribe" && (frame.mode === "head" || frame.room === KITCHEN.id)) {
      const rooms = frame.room === undefined ? (frame.rooms ?? []).map(({ room }) => room) : [frame.room];
      const mode = frame.mode === "head" ? { mode: frame.mode } : {};
      for (const room of rooms)
        send({ type: "subscribed", ref: frame.ref, room, epoch: 1, head: 0, recovered: true, ...mode });
    } else if (frame.type === "subscribe") {
      for (const event of this.log.slice(frame.since?.seq ?? this.log.length)) send(event);
      this.#subscribed.add(socket);
      send({ type: "subscribed", ref: frame.ref, room: LOBBY.id, epoch: 1, head: this.log.length, recovered: true });
    } else if (frame.type === "publish" && frame.text === REFUSED) {
      send({ type: "error", ref: frame.ref, code: "not_member", message: "no member" });
    } else if (frame.type === "publish" && !this.isDeaf) {
      const { seq, epoch, at } = this.say(frame.text, ADA, frame.id);
      send({ type: "ack", ref: frame.ref, room: LOBBY.id, seq, epoch, at });
    } else if (frame.type === "bye") {
      socket.close(1000);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = "" } = request;
    const path = url.split("?")[0] ?? "";
    const body = await text(request);
    this.calls.push(`${method} ${url.replace("/api/v1", "")} ${body}`.trim());
    if (this.isSilent) return;
    if (path.endsWith(`/me/drafts/${LOBBY.id}`))
      this.draft = method === "PUT" ? JSON.parse(body) : { text: "", at: this.draft.at };
    const call = `${method} ${path.split("/").at(-1)}`;
    if (call === "GET content") return this.#send(request, response);
    const answer = this.replies[call]?.shift() ?? this.#usual(path.includes(KITCHEN.id) ? `${call} of kitchen` : call);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  }

  #send({ headers }: IncomingMessage, response: ServerResponse): void {
    const { content, cuts } = this.archive;
    const rest = content.subarray(Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1]));
    response.writeHead(206, { "content-type": "application/zip", "content-length": rest.length });
    const cut = cuts.shift();
    if (cut === undefined) response.end(rest);
    else response.write(rest.subarray(0, cut), () => response.destroy());
  }

  #usual(call: string): { status: number; body: object } {
    const room = { ...LOBBY, head: this.log.length, role: "member" };
    const answers: Record<string, object> = {
      "POST guest": TOKENS,
      "POST signup": TOKENS,
      "GET rooms": { rooms: [room] },
      [`GET ${LOBBY.id}`]: room,
      "GET me": { user: ADA, sessionId: "s" },
      "GET state": {
        rooms: [stateOf(LOBBY, this.log.length), stateOf(KITCHEN, 0)],
        drafts: [{ room: LOBBY.id, ...this.draft }],
        joined: 2,
        at: 1,
      },
      "POST presence": { people: [{ user: ADA.id, online: true, away: false }] },
      "GET messages of kitchen": { messages: [], head: 0, epoch: 1 },
      "GET members of kitchen": { members: [] },
      "GET messages": { messages: this.log, head: this.log.length, epoch: 1 },
      "GET members": {
        members: [
          { user: ADA, role: "owner", online: true },
          { user: BOB, role: "member", online: false },
        ],
      },
      [`PUT ${LOBBY.id}`]: this.draft,
      [`DELETE ${LOBBY.id}`]: {},
      [`PUT ${BOB.id}`]: {},
      [`DELETE ${BOB.id}`]: {},
      "POST members": { user: BOB, role: "member", online: false },
      "POST leave": {},
    };
    const body = answers[call];
    return body === undefined ? { status: 404, body: { code: "not_found", detail: call } } : { status: 200, body };
  }
}

function stateOf({ id, ...room }: typeof LOBBY, head: number): object {
  const marks = { head, epoch: 1, read: head, unread: 0, mentions: 0 };
  return { room: id, ...room, ...marks, role: "member", level: "all", starred: false };
}
