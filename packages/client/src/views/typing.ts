import type { PublicUser } from "@hubbub/protocol";
import type { Client } from "../client.ts";
import type { Room } from "../room.ts";
import { View } from "./view.ts";

/** A signal holds this long; it comes again every few seconds while somebody types. */
const SHOWN_MS = 6_000;
/** Own signals at most as often as this. The server shows no more of them. */
const TOLD_MS = 3_000;
/** People that are shown as typing in one room; more are not taken in. */
const TYPING_MAX = 50;

/** Who types in a room, without the user. */
export class Typing extends View<readonly PublicUser[]> {
  readonly #client: Client;
  readonly #room: Room;
  readonly #typing = new Map<string, { readonly user: PublicUser; readonly timer: ReturnType<typeof setTimeout> }>();
  #stop: () => void = () => undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(client: Client, room: string) {
    super();
    this.#client = client;
    this.#room = client.room(room);
  }

  /** Something was typed: tells the others, at most every three seconds. */
  typed(): void {
    const now = performance.now();
    if (now - this.#toldAt < TOLD_MS) return;
    this.#toldAt = now;
    this.#room.typing();
  }

  /** @internal */
  protected start(): void {
    this.#stop = this.#room.attach({
      onEvent: ({ by }) => this.#ended(by.id),
      onSignal: ({ kind, by }) => kind === "typing" && this.#heard(by),
    });
  }

  /** @internal */
  protected stop(): void {
    this.#stop();
    for (const id of [...this.#typing.keys()]) this.#ended(id);
  }

  /** @internal */
  protected read(): readonly PublicUser[] {
    return [...this.#typing.values()].map(({ user }) => user);
  }

  #heard(user: PublicUser): void {
    const { state } = this.#client;
    const known = this.#typing.get(user.id);
    if (state.state === "ready" && user.id === state.user.id) return;
    if (known === undefined && this.#typing.size >= TYPING_MAX) return;
    clearTimeout(known?.timer);
    this.#typing.set(user.id, { user, timer: setTimeout(() => this.#ended(user.id), SHOWN_MS) });
    if (known === undefined) this.changed();
  }

  #ended(id: string): void {
    clearTimeout(this.#typing.get(id)?.timer);
    if (this.#typing.delete(id)) this.changed();
  }
}
