import { randomUUID } from "node:crypto";
import { codeOf, type Exchange, parse } from "./exchange.ts";
import { oneOf } from "./strings.ts";

export interface Signing {
  /** Of an operator; absent: requests as an operator are not tried with a right token. */
  readonly adminToken?: string | undefined;
  readonly account?: { readonly username: string; readonly password: string } | undefined;
}

const CREATED = 201;
const OK = 200;
/** Known values of one name. */
const KNOWN_MAX = 20;

/** Users with a room, a message, a file and an invitation, so that requests find something. */
export class Stage {
  readonly token: string;
  readonly #known = new Map<string, unknown[]>();

  private constructor(token: string) {
    this.token = token;
  }

  /** @throws when nobody can sign in */
  static async open(exchange: Exchange, prefix: string, { account }: Signing = {}): Promise<Stage> {
    const call = async (token: string, method: string, path: string, body?: object | string) => {
      const type = typeof body === "string" ? "application/octet-stream" : "application/json";
      const headers = {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": type }),
      };
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      return await exchange.send({ method, path: prefix + path, headers, body: text });
    };
    const signIn = async () => {
      const guest = await call("", "POST", "/auth/guest", {});
      const answer =
        guest.status === CREATED || account === undefined ? guest : await call("", "POST", "/auth/login", account);
      if (answer.status !== CREATED && answer.status !== OK)
        throw new Error(`nobody can sign in: ${codeOf(answer.body)}`);
      return parse(answer.body) as {
        accessToken: string;
        refreshToken: string;
        user: { id: string; username: string };
      };
    };
    const [own, other] = [await signIn(), await signIn()];
    const stage = new Stage(own.accessToken);
    stage.#add("user", other.user.id);
    stage.#add("username", other.user.username);
    stage.#add("refreshToken", own.refreshToken);
    const learn = async (token: string, method: string, path: string, body?: object | string) => {
      const answer = await call(token, method, path, body);
      stage.learn(path, parse(answer.body));
      return parse(answer.body) as { id?: string } | undefined;
    };
    const room = await learn(own.accessToken, "POST", "/rooms", { name: `fuzz ${randomUUID()}`, visibility: "public" });
    const inRoom = `/rooms/${room?.id}`;
    await learn(other.accessToken, "POST", `${inRoom}/join`);
    await learn(own.accessToken, "POST", `${inRoom}/messages`, { id: randomUUID(), text: "fuzz" });
    await learn(own.accessToken, "PUT", `${inRoom}/files?id=${randomUUID()}&name=fuzz.txt`, "some content");
    await learn(own.accessToken, "POST", `${inRoom}/invites`, {});
    return stage;
  }

  /** Keeps what later requests can name: of an answer at `…/rooms` its `id` as `rooms.id`, and so on. */
  learn(path: string, body: unknown): void {
    const [, collection = ""] = /\/([a-z-]+)(?:\?.*)?$/.exec(path) ?? [];
    if (typeof body !== "object" || body === null) return;
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === "string" || typeof value === "number") this.#add(`${collection}.${name}`, value);
    }
  }

  /** For a parameter in braces: by the part of the path in front of it. */
  parameter(path: string, name: string): unknown {
    const [, collection = ""] = new RegExp(`([a-z-]+)/\\{${name}\\}`).exec(path) ?? [];
    const isUser = name === "user" || collection === "users";
    return isUser ? this.#of("user") : (this.#of(`${collection}.${name}`) ?? this.#of(`${collection}.id`));
  }

  /** For a property of a body. */
  property(name: string): unknown {
    if (name === "username" || name === "refreshToken") return this.#of(name);
    return this.#of(`messages.${name}`) === undefined || name === "id" ? undefined : this.#of(`messages.${name}`);
  }

  #of(name: string): unknown {
    return oneOf(this.#known.get(name) ?? []);
  }

  #add(name: string, value: unknown): void {
    const known = this.#known.get(name) ?? [];
    this.#known.set(name, [...known, value].slice(-KNOWN_MAX));
  }
}
