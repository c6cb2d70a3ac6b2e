import {
  type HistoryPage,
  HTTP_PREFIX,
  type Member,
  type Problem,
  type PublicUser,
  type Room,
  type RoomId,
  type SessionId,
  type Tokens,
  type Visibility,
} from "@hubbub/protocol";
import { errorOfProblem, HubbubError } from "./hubbub-error.ts";
import { parseJson } from "./parse-json.ts";

/** Hashing a password behind a full queue is the slowest thing a server does. */
const HTTP_TIMEOUT_MS = 20_000;

/** `fresh`: the token given before was refused, another one is wanted. */
export type GetToken = (fresh: boolean) => Promise<string>;

export interface HttpOptions {
  /** Base of the server, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Needed for everything but signup, login, guest and refresh. */
  readonly getToken?: GetToken | undefined;
}

export interface HistoryQuery {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
}

export interface RoomQuery {
  readonly joined?: boolean | undefined;
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface Published {
  readonly seq: number;
  readonly epoch: number;
  /** Unix milliseconds by the server's clock. */
  readonly at: number;
}

type Query = Record<string, string | number | boolean | undefined>;

/** The HTTP half of the wire, one method per call. Every refusal is a `HubbubError`. */
export class HubbubHttp {
  readonly #base: string;
  readonly #getToken: GetToken | undefined;

  constructor(options: HttpOptions) {
    this.#base = options.url.replace(/\/+$/, "") + HTTP_PREFIX;
    this.#getToken = options.getToken;
  }

  signup(body: { username: string; password: string; email?: string | undefined }): Promise<Tokens> {
    return this.#open("/auth/signup", body);
  }

  login(body: { username: string; password: string }): Promise<Tokens> {
    return this.#open("/auth/login", body);
  }

  guest(body: { name?: string | undefined } = {}): Promise<Tokens> {
    return this.#open("/auth/guest", body);
  }

  refresh(refreshToken: string): Promise<Tokens> {
    return this.#open("/auth/refresh", { refreshToken });
  }

  /** Ends the session; its connections close. */
  logout(): Promise<void> {
    return this.#call("POST", "/auth/logout");
  }

  me(): Promise<{ user: PublicUser; sessionId: SessionId }> {
    return this.#call("GET", "/me");
  }

  createRoom(body: { name: string; visibility: Visibility; topic?: string | undefined }): Promise<Room> {
    return this.#call("POST", "/rooms", body);
  }

  listRooms(query: RoomQuery = {}): Promise<{ rooms: Room[]; cursor?: string | undefined }> {
    return this.#call("GET", withQuery("/rooms", { ...query }));
  }

  /** One room, with the role of the caller in it. @throws HubbubError unknown_room for a private room of others too */
  room(room: RoomId): Promise<Room> {
    return this.#call("GET", `/rooms/${room}`);
  }

  joinRoom(room: RoomId): Promise<Room> {
    return this.#call("POST", `/rooms/${room}/join`);
  }

  leaveRoom(room: RoomId): Promise<void> {
    return this.#call("POST", `/rooms/${room}/leave`);
  }

  members(room: RoomId, cursor?: string): Promise<{ members: Member[]; cursor?: string | undefined }> {
    return this.#call("GET", withQuery(`/rooms/${room}/members`, { cursor }));
  }

  history(room: RoomId, query: HistoryQuery = {}): Promise<HistoryPage> {
    return this.#call("GET", withQuery(`/rooms/${room}/messages`, { ...query }));
  }

  /** Accept over HTTP. The same `id` again gives the same answer. */
  post(room: RoomId, message: { id: string; text: string }): Promise<Published> {
    return this.#call("POST", `/rooms/${room}/messages`, message);
  }

  #open<Answer>(path: string, body: object): Promise<Answer> {
    return send(`${this.#base}${path}`, { method: "POST", headers: jsonHeaders(), body: JSON.stringify(body) });
  }

  async #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const getToken = this.#getToken;
    if (getToken === undefined) throw new HubbubError("bad_token", "log in first");
    const attempt = (token: string) =>
      send<Answer>(`${this.#base}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : jsonHeaders()), authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const token = await getToken(false);
    try {
      return await attempt(token);
    } catch (error) {
      if (!(error instanceof HubbubError) || error.code !== "bad_token") throw error;
      return attempt(await getToken(true));
    }
  }
}

async function send<Answer>(url: string, request: RequestInit): Promise<Answer> {
  const signal = AbortSignal.timeout(HTTP_TIMEOUT_MS);
  const response = await fetch(url, { ...request, signal }).catch((cause: unknown) => {
    throw new HubbubError(signal.aborted ? "timeout" : "unreachable", undefined, { cause });
  });
  const text = await response.text();
  const json = parseJson(text);
  if (!response.ok) throw errorOfProblem(response.status, (json ?? {}) as Partial<Problem>);
  if (json === undefined && text !== "")
    throw new HubbubError("unexpected_answer", undefined, { status: response.status });
  return json as Answer;
}

function jsonHeaders(): Record<string, string> {
  return { "content-type": "application/json" };
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
