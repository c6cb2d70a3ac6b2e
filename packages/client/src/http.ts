import {
  type Draft,
  type HistoryPage,
  HTTP_PREFIX,
  type Member,
  type Person,
  type Preferences,
  type PublicUser,
  type Role,
  type Room,
  type SearchPage,
  type SessionId,
  type SocketTicket,
  type StatePage,
  type Tokens,
  type Visibility,
} from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import { Creations } from "./creations.ts";
import { HttpAvatars } from "./http-avatars.ts";
import { HttpBots } from "./http-bots.ts";
import { HttpChains } from "./http-chains.ts";
import { HttpExports } from "./http-exports.ts";
import { type FilesHost, HttpFiles } from "./http-files.ts";
import { HttpInvites } from "./http-invites.ts";
import { HttpMessages } from "./http-messages.ts";
import { HttpModeration } from "./http-moderation.ts";
import { HttpRooms } from "./http-rooms.ts";
import { jsonHeaders, send } from "./http-send.ts";
import { HttpStreams } from "./http-streams.ts";
import { HttpTasks } from "./http-tasks.ts";
import { HubbubError } from "./hubbub-error.ts";
import { contentOf, type MessageOptions } from "./message-options.ts";
import { askForToken } from "./owner.ts";
import { withQuery } from "./with-query.ts";

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
  /** The whole name, whatever its case; `query` is a part of it. */
  readonly name?: string | undefined;
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface Published {
  readonly seq: number;
  readonly epoch: number;
  /** Unix milliseconds by the server's clock. */
  readonly at: number;
}

/** The HTTP half of the wire, one method per call. Every refusal is a `HubbubError`. */
export class HubbubHttp {
  readonly #base: string;
  readonly #getToken: GetToken | undefined;
  readonly #creations = new Creations();
  /** Pictures of users. */
  readonly avatars: HttpAvatars;
  /** Exports of the own data. */
  readonly exports: HttpExports;
  /** Uploads, and links to files. */
  readonly files: HttpFiles;
  /** Single messages and their changes, threads, pins, read marks. */
  readonly messages: HttpMessages;
  /** Mutes, bans, reports of messages, and the audit of rooms. */
  readonly moderation: HttpModeration;
  /** Direct rooms, and changes of rooms. */
  readonly rooms: HttpRooms;
  /** Links into rooms, and invitations. */
  readonly invites: HttpInvites;
  /** Hash chains of rooms. */
  readonly chains: HttpChains;
  /** Records in rooms, and standing queries. */
  readonly streams: HttpStreams;
  /** Bots of the user, and hooks of rooms. */
  readonly bots: HttpBots;

  /** Work in the background for a room. */
  readonly tasks: HttpTasks;

  /** @throws HubbubError bad_url */
  constructor(options: HttpOptions) {
    const root = baseOf(options.url);
    this.#base = root + HTTP_PREFIX;
    this.#getToken = options.getToken;
    const call = <Answer>(method: string, path: string, body?: object) => this.#call<Answer>(method, path, body);
    const host: FilesHost = { root, withToken: (attempt) => this.#withToken(attempt), call };
    this.files = new HttpFiles(host);
    this.avatars = new HttpAvatars(host);
    this.exports = new HttpExports({ root, call });
    this.messages = new HttpMessages(call);
    this.moderation = new HttpModeration(call);
    this.rooms = new HttpRooms(call);
    this.invites = new HttpInvites(call);
    this.chains = new HttpChains(call);
    this.streams = new HttpStreams(call);
    this.bots = new HttpBots({ root, call });
    this.tasks = new HttpTasks(call);
  }

  /**
   * `signup`, `guest` and `createRoom` may be repeated on the same object after an error that invites a retry: what the
   * first call made is answered, for ten minutes. `id`: the caller's own for this creation, secret and random.
   */
  signup(body: {
    id?: string | undefined;
    username: string;
    password: string;
    email?: string | undefined;
  }): Promise<Tokens> {
    return this.#creations.create("/auth/signup", body, (whole) => this.#open("/auth/signup", whole));
  }

  login(body: { username: string; password: string }): Promise<Tokens> {
    return this.#open("/auth/login", body);
  }

  guest(body: { id?: string | undefined; name?: string | undefined } = {}): Promise<Tokens> {
    return this.#creations.create("/auth/guest", body, (whole) => this.#open("/auth/guest", whole));
  }

  refresh(refreshToken: string): Promise<Tokens> {
    return this.#open("/auth/refresh", { refreshToken });
  }

  /** Ends the session; its connections close. */
  logout(): Promise<void> {
    return this.#call("POST", "/auth/logout");
  }

  /** For one handshake of the WebSocket by a client that cannot send a token in its first frame: `/ws?ticket=…`. */
  socketTicket(): Promise<SocketTicket> {
    return this.#call("POST", "/ws-tickets");
  }

  me(): Promise<{ user: PublicUser; sessionId: SessionId }> {
    return this.#call("GET", "/me");
  }

  /** The same `id` again answers the same room. */
  createRoom(body: {
    id?: string | undefined;
    name: string;
    visibility: Visibility;
    topic?: string | undefined;
  }): Promise<Room> {
    return this.#creations.create("/rooms", body, (whole) => this.#call("POST", "/rooms", whole));
  }

  listRooms(query: RoomQuery = {}): Promise<{ rooms: Room[]; cursor?: string | undefined }> {
    return this.#call("GET", withQuery("/rooms", { ...query }));
  }

  /** One room, with the role of the caller in it. @throws HubbubError unknown_room for a private room of others too */
  room(room: string): Promise<Room> {
    return this.#call("GET", `/rooms/${encodeURIComponent(room)}`);
  }

  joinRoom(room: string): Promise<Room> {
    return this.#call("POST", `/rooms/${encodeURIComponent(room)}/join`);
  }

  /** The last member must say `close`, which closes the room for good. */
  leaveRoom(room: string, { close }: { close?: boolean | undefined } = {}): Promise<void> {
    return this.#call("POST", withQuery(`/rooms/${encodeURIComponent(room)}/leave`, { close }));
  }

  /** For admins: brings somebody in without being asked. @throws HubbubError unknown_user, has_left */
  addMember(room: string, username: string): Promise<Member> {
    return this.#call("POST", `/rooms/${encodeURIComponent(room)}/members`, { username });
  }

  /** For admins; admins and owners are made by owners. @throws HubbubError forbidden, last_owner */
  setRole(room: string, user: string, role: Role): Promise<void> {
    return this.#call("PUT", `/rooms/${encodeURIComponent(room)}/members/${encodeURIComponent(user)}`, { role });
  }

  /** For moderators: the user comes back only by an invitation. @throws HubbubError forbidden, last_owner */
  removeMember(room: string, user: string): Promise<void> {
    return this.#call("DELETE", `/rooms/${encodeURIComponent(room)}/members/${encodeURIComponent(user)}`);
  }

  members(room: string, cursor?: string): Promise<{ members: Member[]; cursor?: string | undefined }> {
    return this.#call("GET", withQuery(`/rooms/${encodeURIComponent(room)}/members`, { cursor }));
  }

  async history(room: string, query: HistoryQuery = {}): Promise<HistoryPage> {
    const path = withQuery(`/rooms/${encodeURIComponent(room)}/messages`, { ...query });
    return withLists(await this.#call<HistoryPage>("GET", path), "messages");
  }

  /**
   * The newest messages first, in the rooms that the user is in; docs/search.md has the operators of the query.
   * @throws HubbubError bad_request, with the position of what is wrong; unknown_user, unknown_room
   */
  search(query: string, cursor?: string): Promise<SearchPage> {
    return this.#call("GET", withQuery("/search", { q: query, cursor }));
  }

  /** Accept over HTTP. The same `id` again gives the same answer. */
  post(room: string, { id, text, ...options }: { id: string; text: string } & MessageOptions): Promise<Published> {
    return this.#call("POST", `/rooms/${encodeURIComponent(room)}/messages`, { id, text, ...contentOf(options) });
  }

  /** A route that has no method here. `isOpen`: it needs no token. */
  request<Answer>(method: string, path: string, body?: object, { isOpen = false } = {}): Promise<Answer> {
    return isOpen ? this.#open(path, body, method) : this.#call(method, path, body);
  }

  /** One page; `client.userState` reads all of them. */
  async state(query: { since?: number | undefined; cursor?: string | undefined } = {}): Promise<StatePage> {
    return withLists(await this.#call<StatePage>("GET", withQuery("/me/state", query)), "rooms");
  }

  /** Level of notifications, and star, of a room. What is absent stays as it is. */
  prefer(room: string, wish: Partial<Preferences>): Promise<Preferences> {
    return this.#call("PATCH", `/rooms/${encodeURIComponent(room)}/me`, wish);
  }

  /** The later text of a room wins. Answers the draft that holds now. */
  setDraft(room: string, draft: Draft): Promise<Draft> {
    return this.#call("PUT", `/me/drafts/${encodeURIComponent(room)}`, draft);
  }

  /** Unless there is one later than `at`. */
  removeDraft(room: string, at: number): Promise<void> {
    return this.#call("DELETE", withQuery(`/me/drafts/${encodeURIComponent(room)}`, { at }));
  }

  /** `status` null takes it away; `until`: Unix ms. `lastSeen` false: nobody is told. */
  setStatus(wish: {
    away?: boolean | undefined;
    lastSeen?: boolean | undefined;
    status?: Person["status"] | null;
  }): Promise<Pick<Person, "away" | "status">> {
    return this.#call("PATCH", "/me/status", wish);
  }

  /** Of at most 200 users; those that share no room with the caller are left out. */
  async presence(users: readonly string[]): Promise<Person[]> {
    return withLists(await this.#call<{ people: Person[] }>("POST", "/presence", { users }), "people").people;
  }

  #open<Answer>(path: string, body: object | undefined, method = "POST"): Promise<Answer> {
    const content = body === undefined ? {} : { headers: jsonHeaders(), body: JSON.stringify(body) };
    return send(`${this.#base}${path}`, { method, ...content });
  }

  #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return this.#withToken((token) =>
      send<Answer>(`${this.#base}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : jsonHeaders()), authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  /** A refused token is exchanged once. */
  async #withToken<Answer>(attempt: (token: string) => Promise<Answer>): Promise<Answer> {
    const getToken = this.#getToken;
    if (getToken === undefined) throw new HubbubError("bad_token", "log in first");
    const token = await askForToken(getToken, false);
    try {
      return await attempt(token);
    } catch (error) {
      if (!(error instanceof HubbubError) || error.code !== "bad_token") throw error;
      return attempt(await askForToken(getToken, true));
    }
  }
}

/**
 * Without a slash at its end.
 * @throws HubbubError bad_url
 */
export function baseOf(url: string): string {
  const isHttp = URL.canParse(url) && /^https?:\/\//.test(url);
  if (!isHttp)
    throw new HubbubError("bad_url", `the url must begin with http:// or https://, not ${JSON.stringify(url)}`);
  return url.replace(/\/+$/, "");
}
