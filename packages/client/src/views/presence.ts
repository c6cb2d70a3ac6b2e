import { type Person, PRESENCE_MAX } from "@hubbub/protocol";
import type { Client } from "../client.ts";
import { Polled } from "./polled.ts";

/** Nobody is sent a frame when others come and go: who wants to know asks this often. */
const ASK_MS = 30_000;

/** Who of these users is online, away, and with which status. The first 200 are asked for. */
export class Presence extends Polled<ReadonlyMap<string, Person>> {
  readonly #users: readonly string[];
  #people: ReadonlyMap<string, Person> = new Map();

  constructor(client: Client, users: readonly string[]) {
    super(client, ASK_MS);
    this.#users = [...new Set(users)].slice(0, PRESENCE_MAX);
  }

  /** @internal */
  protected async load(isOver: () => boolean): Promise<void> {
    const people = this.#users.length === 0 ? [] : await this.client.http.presence(this.#users);
    if (!isOver()) this.#people = new Map(people.map((person) => [person.user, person]));
  }

  /** @internal */
  protected read(): ReadonlyMap<string, Person> {
    return this.#people;
  }
}
