import { randomUUID } from "node:crypto";
import type { HistoryPage, Room, Tokens } from "@hubbub/protocol";
import type { ReceivedFrame } from "./frame-queue.ts";
import { connectWs, type WsClient } from "./ws-client.ts";

/** Raw HTTP and WebSocket against a running Hubbub, for tests that must not trust the SDK. */
export class Person {
  readonly name: string;
  readonly tokens: Tokens;
  readonly #url: string;

  constructor(url: string, tokens: Tokens) {
    this.#url = url;
    this.tokens = tokens;
    this.name = tokens.user.username;
  }

  /** A guest of their own. */
  static async arrive(url: string): Promise<Person> {
    return new Person(url, await post<Tokens>(`${url}/api/v1/auth/guest`, {}));
  }

  createRoom(): Promise<Room> {
    return this.post<Room>("/rooms", { name: `room-${randomUUID()}`, visibility: "public" });
  }

  join(room: string): Promise<Room> {
    return this.post<Room>(`/rooms/${room}/join`, {});
  }

  post<Answer>(path: string, body: object): Promise<Answer> {
    return post<Answer>(`${this.#url}/api/v1${path}`, body, this.tokens.accessToken);
  }

  async logout(): Promise<void> {
    const headers = { authorization: `Bearer ${this.tokens.accessToken}` };
    const { status } = await fetch(`${this.#url}/api/v1/auth/logout`, { method: "POST", headers, redirect: "error" });
    if (status !== 204) throw new Error(`logout: ${status}`);
  }

  async history(room: string, query = "limit=200"): Promise<HistoryPage> {
    const response = await fetch(`${this.#url}/api/v1/rooms/${room}/messages?${query}`, {
      headers: { authorization: `Bearer ${this.tokens.accessToken}` },
      redirect: "error",
    });
    if (!response.ok) throw new Error(`history: ${response.status} ${await response.text()}`);
    return (await response.json()) as HistoryPage;
  }

  /** A connection that has said hello. `cookie`: the sticky one, which chooses the gateway behind the front. */
  async connect(wsUrl: string, cookie?: string): Promise<WsClient> {
    return (await this.enter(wsUrl, cookie)).ws;
  }

  /** The same, with the name of the gateway it came to. */
  async enter(wsUrl: string, cookie?: string): Promise<{ ws: WsClient; node: string }> {
    const ws = await connectWs(wsUrl, cookie === undefined ? {} : { headers: { cookie: `hubbub_gw=${cookie}` } });
    ws.send({ type: "hello", ref: 0, token: this.tokens.accessToken });
    const ready = await ws.next("ready");
    return { ws, node: String(ready["node"]) };
  }
}

async function post<Answer>(url: string, body: object, token?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    redirect: "error",
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

export interface Position {
  readonly seq: number;
  readonly epoch: number;
}

/** Subscribes; answers what came before `subscribed`, and `subscribed` itself. */
export async function subscribe(ws: WsClient, room: string, since?: Position) {
  ws.send({ type: "subscribe", ref: 1, room, ...(since === undefined ? {} : { since }) });
  const subscribed = await ws.next("subscribed");
  return { subscribed, missed: await takeQueued(ws, "event") };
}

async function takeQueued(ws: WsClient, type: string): Promise<ReceivedFrame[]> {
  const count = ws.queued.filter((frame) => frame.type === type).length;
  const frames: ReceivedFrame[] = [];
  while (frames.length < count) frames.push(await ws.next(type));
  return frames;
}

/** Publishes and waits for the ack. @throws when it is refused */
export async function publish(ws: WsClient, room: string, text: string, id?: string): Promise<ReceivedFrame> {
  const answer = await tryPublish(ws, room, text, id);
  if (answer.type !== "ack") throw new Error(`not acked: ${JSON.stringify(answer)}`);
  return answer;
}

/** Publishes and waits for the ack or the error. */
export async function tryPublish(
  ws: WsClient,
  room: string,
  text: string,
  id: string = randomUUID(),
): Promise<ReceivedFrame> {
  const ref = nextRef();
  ws.send({ type: "publish", ref, room, id, text });
  return await ws.nextWhere((frame) => frame["ref"] === ref, `the answer to ${id}`);
}

/** The next `count` message events, in the order they came. */
export async function receive(ws: WsClient, count: number): Promise<ReceivedFrame[]> {
  const events: ReceivedFrame[] = [];
  while (events.length < count) {
    events.push(await ws.nextWhere((frame) => frame.type === "event" && frame["kind"] === "message", "a message"));
  }
  return events;
}

let lastRef = 100;
function nextRef(): number {
  lastRef += 1;
  return lastRef;
}
