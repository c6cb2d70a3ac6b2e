import type { SessionId, UserId } from "@hubbub/protocol";
import type { Connection, Identity } from "./connection.ts";
import { ConnectionIndex, Counts } from "./connection-index.ts";
import { Unauthenticated } from "./unauthenticated.ts";

/** The connections of this gateway and the ways to find them. Bounded by CONNECTIONS_PER_NODE. */
export class ConnectionRegistry {
  readonly #all = new Set<Connection>();
  /** Connections without an accepted hello. */
  readonly unauthenticated = new Unauthenticated();
  readonly #byAddress = new Counts();
  readonly #byUser = new ConnectionIndex<UserId>();
  readonly #bySession = new ConnectionIndex<SessionId>();

  get size(): number {
    return this.#all.size;
  }

  get users(): Iterable<UserId> {
    return this.#byUser.keys();
  }

  get sessions(): Iterable<SessionId> {
    return this.#bySession.keys();
  }

  countOfAddress(address: string): number {
    return this.#byAddress.of(address);
  }

  countOfUser(user: UserId): number {
    return this.#byUser.countOf(user);
  }

  ofUser(user: UserId): readonly Connection[] {
    return this.#byUser.of(user);
  }

  ofSession(session: SessionId): readonly Connection[] {
    return this.#bySession.of(session);
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    this.unauthenticated.add(connection);
    this.#byAddress.add(connection.address);
  }

  identify(connection: Connection, identity: Identity): void {
    connection.identity = identity;
    this.#byUser.put(identity.user.id, connection);
    this.#bySession.put(identity.session, connection);
  }

  /** The hello is accepted: the token is valid and the session not revoked. */
  authenticated(connection: Connection): void {
    this.unauthenticated.remove(connection);
  }

  /** Takes the identity away again, when the hello is refused after `identify`. */
  deauthenticate(connection: Connection): void {
    this.#unlist(connection);
    connection.identity = null;
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    this.unauthenticated.remove(connection);
    this.#byAddress.take(connection.address);
    this.#unlist(connection);
  }

  #unlist(connection: Connection): void {
    if (connection.identity === null) return;
    this.#byUser.take(connection.identity.user.id, connection);
    this.#bySession.take(connection.identity.session, connection);
  }
}
