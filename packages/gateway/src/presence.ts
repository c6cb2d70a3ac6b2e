import type { Broker } from "@hubbub/broker";
import type { ClientFrame, UserId } from "@hubbub/protocol";
import { Activity, isOfPerson } from "./activity.ts";
import type { Background } from "./background.ts";

/** The broker drops an entry 10 s after its last renewal. */
const RENEW_MS = 3_000;
const LEASE = "presence lease";
const TELL_MS = 100;
/** Users in one call. */
const BATCH = 200;
/** Users with a change that was not published. At one more, the entries of the node are dropped and published again. */
const CHANGED_MAX = 100_000;

export interface PresenceOptions {
  readonly broker: Broker;
  readonly background: Background;
  readonly node: string;
  /** The id of the node that clients see. */
  readonly publicId: string;
  /** Version of the build, for operators. */
  readonly build: string | undefined;
  readonly zone: string | undefined;
  readonly startedAt: number;
  figures(): { connections: number; rooms: number };
  online(): Iterable<UserId>;
  isOnline(user: UserId): boolean;
  /** Whether to postpone changes, because the gateway is overloaded. The lease is renewed anyway. */
  mayWait(): boolean;
}

/**
 * Tells the cluster which users are connected here. Keeps the ids of changed users and publishes the state of the moment:
 * a page reload changes nothing.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #changed = new Set<UserId>();
  readonly #activity = new Activity();
  #overflowed = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  start(): void {
    const { background, mayWait } = this.#options;
    background.loop(LEASE, RENEW_MS, () => this.#renew());
    background.loop("presence", TELL_MS, async () => {
      if (mayWait()) return;
      if (this.#changed.size > 0) await this.#tell();
      // After the changes: the broker ignores the activity of users that it does not know to be here.
      await this.#tellActivity();
    });
  }

  /** false: the cluster may not know of this node. */
  get isTold(): boolean {
    return !this.#options.background.isFailing(LEASE);
  }

  /** A user that does nothing for a while is away. */
  saw(user: UserId, frame: ClientFrame): void {
    if (isOfPerson(frame)) this.#activity.note(user);
  }

  changed(user: UserId): void {
    if (this.#options.isOnline(user)) this.#activity.arrived(user);
    else this.#activity.forget(user);
    if (this.#changed.size < CHANGED_MAX) this.#changed.add(user);
    else this.#overflowed = true;
  }

  /** Publishes all users again, because the broker may have lost them. */
  retell(): void {
    for (const user of this.#options.online()) this.changed(user);
  }

  async #renew(): Promise<void> {
    const { broker, node, publicId, build, zone, startedAt, figures } = this.#options;
    await broker.presence.renew({ node, id: publicId, build, zone, startedAt, ...figures() });
  }

  async #tell(): Promise<void> {
    const { broker, node, isOnline } = this.#options;
    if (this.#overflowed) {
      await broker.presence.drop(node);
      this.#changed.clear();
      this.#overflowed = false;
      this.retell();
    }
    while (this.#changed.size > 0) {
      const users = this.#take();
      const told = await Promise.allSettled([
        broker.presence.set(node, users.filter(isOnline), true),
        broker.presence.set(
          node,
          users.filter((user) => !isOnline(user)),
          false,
        ),
      ]);
      const failed = told.find((one) => one.status === "rejected");
      if (failed === undefined) continue;
      for (const user of users) this.#changed.add(user);
      throw failed.reason;
    }
  }

  async #tellActivity(): Promise<void> {
    const { broker, node } = this.#options;
    while (this.#activity.hasNews) {
      const people = this.#activity.take(BATCH);
      try {
        await broker.presence.active(node, people);
      } catch (error) {
        this.#activity.putBack(people);
        throw error;
      }
    }
  }

  #take(): UserId[] {
    const users: UserId[] = [];
    for (const user of this.#changed) {
      if (users.length === BATCH) break;
      this.#changed.delete(user);
      users.push(user);
    }
    return users;
  }
}
