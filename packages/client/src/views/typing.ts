import type { PublicUser } from "@hubbub/protocol";
import type { Client } from "../client.ts";
import type { Room } from "../room.ts";
import { Typists } from "../typists.ts";
import { View } from "./view.ts";

/** Who types in a room, without the user. */
export class Typing extends View<readonly PublicUser[]> {
  readonly #room: Room;
  readonly #typists: Typists;
  #stop: () => void = () => undefined;

  constructor(client: Client, room: string) {
    super();
    this.#room = client.room(room);
    const me = (): string | undefined => (client.state.state === "ready" ? client.state.user.id : undefined);
    this.#typists = new Typists(me, () => this.changed());
  }

  /** Something was typed: tells the others, at most every three seconds. */
  typed(): void {
    if (this.#typists.mayTell()) this.#room.typing();
  }

  /** @internal */
  protected start(): void {
    this.#stop = this.#room.attach({
      onEvent: ({ by }) => this.#typists.ended(by.id),
      onSignal: ({ kind, by }) => kind === "typing" && this.#typists.heard(by),
    });
  }

  /** @internal */
  protected stop(): void {
    this.#stop();
    this.#typists.end();
    this.changed();
  }

  /** @internal */
  protected read(): readonly PublicUser[] {
    return this.#typists.users;
  }
}
