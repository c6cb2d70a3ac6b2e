import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type HistoryPage, HTTP_PREFIX, type Problem, type Room, type Tokens } from "@hubbub/protocol";
import { equal, Skipped } from "./rule.ts";
import { type Frame, Socket } from "./socket.ts";

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

const TIMEOUT_MS = 10_000;
const LIMITED = 429;
/** Of one call that is rate limited. */
const TRIES = 10;

/** The server under test, with two users and a room of theirs that all rules share. */
export class Subject {
  readonly url: string;
  readonly #account: Account | undefined;
  #people: Promise<readonly [Person, Person]> | undefined;

  /** `account`: taken where the server has no guests. */
  constructor(url: string, account?: Account) {
    this.url = url.replace(/\/+$/, "");
    this.#account = account;
  }

  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
  }

  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    { token, body }: { token?: string | undefined; body?: unknown } = {},
  ): Promise<Answer<Body>> {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await this.request(HTTP_PREFIX + path, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? null : JSON.parse(text)) as Body,
    };
  }

  /** Two users: guests, or the account twice where there are none. */
  people(): Promise<readonly [Person, Person]> {
    this.#people ??= Promise.all([this.#arrive(), this.#arrive()]);
    return this.#people;
  }

  /** @throws Skipped where the server has no guests */
  async guest(): Promise<Person> {
    const { status, body } = await this.call<Tokens & Problem>("POST", "/auth/guest", { body: {} });
    if (status === 403 && body.code === "guests_disabled") throw new Skipped("the server has no guests");
    equal(status, 201, "POST /auth/guest");
    return new Person(this, body);
  }

  async #arrive(): Promise<Person> {
    if (this.#account === undefined) return await this.guest();
    const { status, body } = await this.call<Tokens>("POST", "/auth/login", { body: this.#account });
    equal(status, 200, "POST /auth/login with the account");
    return new Person(this, body);
  }
}

/** A logged-in user. */
export class Person {
  readonly tokens: Tokens;
  readonly #subject: Subject;

  constructor(subject: Subject, tokens: Tokens) {
    this.#subject = subject;
    this.tokens = tokens;
  }

  call<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    return this.#subject.call<Body>(method, path, { token: this.tokens.accessToken, body });
  }

  /** Waits where the server asks for it. @throws unless the status is the expected one */
  async expect<Body = Record<string, unknown>>(status: number, method: string, path: string, body?: unknown) {
    let answer = await this.call<Body>(method, path, body);
    for (let tries = 1; answer.status === LIMITED && tries < TRIES; tries += 1) {
      await delay((answer.body as Partial<Problem>).retryAfterMs ?? TIMEOUT_MS);
      answer = await this.call<Body>(method, path, body);
    }
    equal(answer.status, status, `${method} ${path} (${JSON.stringify(answer.body)})`);
    return answer.body;
  }

  /** A new public room of this user. */
  async room(): Promise<Room> {
    const body = { name: `conformance ${randomUUID()}`, visibility: "public" };
    return await this.expect<Room>(201, "POST", "/rooms", body);
  }

  async history(room: string, query = ""): Promise<HistoryPage> {
    return await this.expect<HistoryPage>(200, "GET", `/rooms/${room}/messages${query}`);
  }

  /** A connection after its hello. */
  async connect(hello: object = {}): Promise<Socket> {
    const socket = await Socket.open(this.#subject.url);
    const ready = await socket.ask({ type: "hello", token: this.tokens.accessToken, ...hello });
    equal(ready.type, "ready", `the answer to hello (${JSON.stringify(ready)})`);
    return socket;
  }
}

/** Subscribes from a position, or from now. Returns `subscribed`. */
export async function subscribe(socket: Socket, room: string, since?: { seq: number; epoch: number }): Promise<Frame> {
  const frame = await socket.ask({ type: "subscribe", room, ...(since === undefined ? {} : { since }) });
  equal(frame.type, "subscribed", `the answer to subscribe (${JSON.stringify(frame)})`);
  return frame;
}

/** Publishes and returns the ack. */
export async function publish(socket: Socket, room: string, text: string, id: string = randomUUID()): Promise<Frame> {
  const ack = await socket.ask({ type: "publish", room, id, text });
  equal(ack.type, "ack", `the answer to publish (${JSON.stringify(ack)})`);
  return ack;
}
