import { randomUUID } from "node:crypto";
import type { Room, Tokens } from "@hubbub/protocol";
import type { Embedded } from "../embedded.ts";
import { Person } from "../people.ts";
import type { WsClient } from "../ws-client.ts";

/** What a message says beside its room. */
export interface Said {
  readonly text: string;
  readonly replyTo?: number;
  readonly thread?: number;
}

/** Somebody with an account who talks while pictures are made. */
export class Actor {
  readonly #person: Person;
  readonly #ws: WsClient;
  #ref = 0;

  constructor(person: Person, ws: WsClient) {
    this.#person = person;
    this.#ws = ws;
  }

  static async enter({ url, wsUrl }: Embedded, username: string): Promise<Actor> {
    const response = await fetch(`${url}/api/v1/auth/signup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password: "tea at half past four" }),
    });
    if (!response.ok) throw new Error(`signup of ${username}: ${response.status} ${await response.text()}`);
    const person = new Person(url, (await response.json()) as Tokens);
    return new Actor(person, await person.connect(wsUrl));
  }

  makeRoom(name: string, topic = ""): Promise<Room> {
    return this.#person.post<Room>("/rooms", { name, topic, visibility: "public" });
  }

  async join(...rooms: readonly Room[]): Promise<void> {
    for (const { id } of rooms) await this.#person.join(id);
  }

  /** Answers the seq of the message. */
  say(room: Room, said: Said): Promise<number> {
    return this.#act({ type: "publish", room: room.id, ...said });
  }

  react(room: Room, target: number, emoji: string): Promise<number> {
    return this.#act({ type: "react", room: room.id, target, emoji });
  }

  types(room: Room): void {
    this.#ws.send({ type: "typing", room: room.id });
  }

  /** @throws when the server refuses it */
  async #act(frame: Readonly<Record<string, unknown>>): Promise<number> {
    this.#ref += 1;
    const ref = this.#ref;
    this.#ws.send({ ref, id: randomUUID(), ...frame });
    const answer = await this.#ws.nextWhere((one) => one["ref"] === ref, `the answer to ${JSON.stringify(frame)}`);
    if (answer.type !== "ack") throw new Error(`not acked: ${JSON.stringify(answer)}`);
    return Number(answer["seq"]);
  }
}
