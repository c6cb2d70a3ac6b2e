import { randomBytes, randomUUID } from "node:crypto";
import { oneOf } from "./strings.ts";
import { type Address, type Fields, Visitor } from "./visitor.ts";

export interface Signing {
  /** Of an operator; absent: requests as an operator are not tried with a right token. */
  readonly adminToken?: string | undefined;
  /** With the server role admin it gives that role to the accounts that make requests. */
  readonly account?: { readonly username: string; readonly password: string } | undefined;
}

/** Some operations are for one of them alone. */
export type Kind = "account" | "guest";

/** Known values of one name. */
const KNOWN_MAX = 20;
/** Another one in each run: the accounts stay behind. */
const PASSWORD = randomBytes(24).toString("base64url");
/** Takes no name that exists. */
const WITH_NEW_NAME = ["/auth/signup", "/me/account", "/bots"];

const newName = (): string => `fuzz-${randomBytes(10).toString("hex")}`;
export const newAccount = () => ({ username: newName(), password: PASSWORD });

/** A user with a room, a message, a file and an invitation, and another user, so that requests find something. */
export class Stage {
  /** Of the requests. */
  token: string;
  readonly password = PASSWORD;
  readonly other: Visitor;
  readonly #own: Visitor;
  readonly #known = new Map<string, unknown[]>();
  readonly #included: string[] = [];
  /** The path of the room. */
  room = "";

  private constructor(own: Visitor, other: Visitor) {
    [this.#own, this.other] = [own, other];
    this.token = own.token;
  }

  /** `root`: the account of the options. @throws when nobody can sign in */
  static async open(address: Address, kind: Kind, { account }: Signing, root: Visitor | undefined): Promise<Stage> {
    const asGuest = ["/auth/guest", {}] as const;
    const signUp = ["/auth/signup", newAccount()] as const;
    const logIn = account === undefined ? [] : [["/auth/login", account] as const];
    const ways = kind === "guest" ? [asGuest, signUp, ...logIn] : [signUp, asGuest, ...logIn];
    const stage = new Stage(
      await Visitor.signIn(address, ways),
      await Visitor.signIn(address, [asGuest, ["/auth/signup", newAccount()], ...logIn]),
    );
    if (kind === "account") await root?.ask("PUT", `/admin/users/${stage.user}/role`, { role: "admin" });
    await stage.#furnish();
    return stage;
  }

  get user(): string {
    return this.#own.user;
  }

  get username(): string {
    return this.#own.username;
  }

  async #furnish(): Promise<void> {
    const { other } = this;
    const learn = async (path: string, answer: Promise<Fields>) => {
      this.learn(path, await answer);
      return await answer;
    };
    const { id } = await learn("/rooms", this.ask("POST", "/rooms", { name: newName(), visibility: "public" }));
    this.room = `/rooms/${id}`;
    await other.ask("POST", `${this.room}/join`);
    const sent = this.ask("POST", `${this.room}/messages`, { id: randomUUID(), text: "fuzz" });
    const { seq } = await learn("/messages", sent);
    await learn("/files", this.ask("PUT", `${this.room}/files?id=${randomUUID()}&name=fuzz.txt`, "some content"));
    await learn("/invites", this.ask("POST", `${this.room}/invites`, {}));
    const known = {
      ...{ other: other.user, username: other.username, users: other.username, refreshToken: this.#own.refreshToken },
      ...{ password: PASSWORD, currentPassword: PASSWORD, "threads.seq": seq, "drafts.room": id },
    };
    for (const [name, value] of Object.entries(known)) this.know(name, value);
  }

  /** As the user who makes the requests. */
  ask(method: string, path: string, body?: object | string): Promise<Fields> {
    return this.#own.ask(method, path, body);
  }

  /** From now on the one value of the name: of a property of a body, or `collection.parameter` of a path. */
  know(name: string, value: unknown): void {
    if (value !== undefined) this.#known.set(name, [value]);
  }

  /** The harmless body has this optional property too. */
  include(property: string): void {
    this.#included.push(property);
  }

  get included(): readonly string[] {
    return this.#included;
  }

  /** Keeps what later requests can name: of an answer at `…/rooms` its `id` as `rooms.id`, and so on. */
  learn(path: string, body: Fields): void {
    const collection = path.slice(path.lastIndexOf("/") + 1);
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === "string" || typeof value === "number") this.#add(`${collection}.${name}`, value);
    }
  }

  /** For a parameter in braces: by the part of the path in front of it. */
  parameter(path: string, name: string): unknown {
    const [, collection = ""] = new RegExp(`([a-z-]+)/\\{${name}\\}`).exec(path) ?? [];
    const isUser = name === "user" || collection === "users";
    const exact = this.#of(`${collection}.${name}`);
    return exact ?? this.#of(isUser ? "other" : `${collection}.id`);
  }

  /** For a property of a body at the path. */
  property(path: string, name: string): unknown {
    if (name === "username" && WITH_NEW_NAME.includes(path)) return newName();
    return name === "id" || name === "other" ? undefined : (this.#of(name) ?? this.#of(`messages.${name}`));
  }

  #of(name: string): unknown {
    return oneOf(this.#known.get(name) ?? []);
  }

  #add(name: string, value: unknown): void {
    const known = this.#known.get(name) ?? [];
    this.#known.set(name, [...known, value].slice(-KNOWN_MAX));
  }
}
