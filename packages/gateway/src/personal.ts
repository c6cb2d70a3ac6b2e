import type { Deliveries } from "@hubbub/broker";
import type { PersonalFrame, UserId } from "@hubbub/protocol";
import type { Connection } from "./connections/connection.ts";

/** Users whose channel is kept for a while after their last connection. Further ones are let go of at once. */
const LINGERING_MAX = 50_000;
/** Within this the clients that may have missed something read their state again, each at a time of its own. */
const REREAD_MS = 30_000;

export interface PersonalOptions {
  readonly broker: Deliveries;
  /** To every local connection with the topic. */
  publish(topic: string, frame: Buffer | string): void;
  readonly lingerMs: number;
}

/**
 * The channels of the users that have a connection here which asked for them. The broker counts the references, as it does
 * for rooms; the topic of a user is the id. A user that leaves stays subscribed for the linger of rooms: a page reload is a
 * leave and a join.
 */
export class Personal {
  readonly #options: PersonalOptions;
  /** Bounded by the connections. */
  readonly #users = new Map<Connection, UserId>();
  /** References that nobody uses any more, oldest first. */
  #lingering: { readonly user: UserId; readonly until: number }[] = [];

  constructor(options: PersonalOptions) {
    this.#options = options;
  }

  /** Resolves when every later frame for the user reaches the connection. @throws BrokerUnavailable */
  async join(connection: Connection, user: UserId): Promise<void> {
    if (this.#users.has(connection)) return;
    await this.#options.broker.subscribe(user);
    this.#users.set(connection, user);
    if (connection.isOpen) connection.addTopic(user);
    else this.leave(connection);
  }

  /** The connection has closed. */
  leave(connection: Connection): void {
    const user = this.#users.get(connection);
    if (user === undefined) return;
    this.#users.delete(connection);
    const isOver = this.#lingering.length >= LINGERING_MAX;
    this.#lingering.push({ user, until: isOver ? 0 : performance.now() + this.#options.lingerMs });
  }

  /** Gives up the channels whose linger is over; one call to the broker serves them all. */
  async sweep(): Promise<void> {
    const now = performance.now();
    const over = this.#lingering.filter(({ until }) => until <= now);
    if (over.length === 0) return;
    this.#lingering = this.#lingering.filter(({ until }) => until > now);
    await Promise.all(over.map(({ user }) => this.#options.broker.unsubscribe(user)));
  }

  /** Frames may have been lost with the connection to the log. */
  missed(): void {
    for (const user of new Set(this.#users.values())) {
      const frame: PersonalFrame = { type: "personal", kind: "missed", afterMs: Math.floor(Math.random() * REREAD_MS) };
      this.#options.publish(user, JSON.stringify(frame));
    }
  }
}
