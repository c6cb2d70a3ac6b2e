import type { SessionId, UserId } from "@hubbub/protocol";
import type { Connection, Identity } from "./connection.ts";

/** The connections of this gateway and the ways to find them. Bounded by CONNECTIONS_PER_NODE. */
export class Connections {
  readonly #all = new Set<Connection>();
  /** Without hello, oldest first. */
  readonly #strangers = new Set<Connection>();
  readonly #byAddress = new Map<string, number>();
  readonly #byUser = new Map<UserId, Set<Connection>>();
  readonly #bySession = new Map<SessionId, Set<Connection>>();

  get size(): number {
    return this.#all.size;
  }

  get strangers(): ReadonlySet<Connection> {
    return this.#strangers;
  }

  get users(): Iterable<UserId> {
    return this.#byUser.keys();
  }

  get sessions(): Iterable<SessionId> {
    return this.#bySession.keys();
  }

  countOfAddress(address: string): number {
    return this.#byAddress.get(address) ?? 0;
  }

  ofUser(user: UserId): ReadonlySet<Connection> {
    return this.#byUser.get(user) ?? NONE;
  }

  ofSession(session: SessionId): ReadonlySet<Connection> {
    return this.#bySession.get(session) ?? NONE;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    this.#strangers.add(connection);
    this.#byAddress.set(connection.address, this.countOfAddress(connection.address) + 1);
  }

  /** The hello has come; whether it holds is being found out. */
  greeted(connection: Connection): void {
    this.#strangers.delete(connection);
  }

  identify(connection: Connection, identity: Identity): void {
    connection.identity = identity;
    put(this.#byUser, identity.user.id, connection);
    put(this.#bySession, identity.session, connection);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    this.#strangers.delete(connection);
    const left = this.countOfAddress(connection.address) - 1;
    if (left > 0) this.#byAddress.set(connection.address, left);
    else this.#byAddress.delete(connection.address);
    if (connection.identity === null) return;
    take(this.#byUser, connection.identity.user.id, connection);
    take(this.#bySession, connection.identity.session, connection);
  }
}

const NONE: ReadonlySet<Connection> = new Set();

function put<Key>(index: Map<Key, Set<Connection>>, key: Key, connection: Connection): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Set([connection]));
  else known.add(connection);
}

function take<Key>(index: Map<Key, Set<Connection>>, key: Key, connection: Connection): void {
  const known = index.get(key);
  known?.delete(connection);
  if (known?.size === 0) index.delete(key);
}
