import type { SessionId, UserId } from "@hubbub/protocol";
import type { Connection } from "./connection.ts";
import { ConnectionIndex, Counts } from "./connection-index.ts";
import type { Identity } from "./identity.ts";
import { Unauthenticated } from "./unauthenticated.ts";

/** The connections of this gateway, with indexes that others only read. Bounded by CONNECTIONS_PER_NODE. */
export class ConnectionRegistry {
  readonly #all = new Set<Connection>();
  /** Connections without an accepted hello. A hello is accepted when its token is valid and its session is not revoked. */
  readonly unauthenticated = new Unauthenticated();
  readonly byAddress = new Counts();
  readonly byUser = new ConnectionIndex<UserId>();
  readonly bySession = new ConnectionIndex<SessionId>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    this.unauthenticated.add(connection);
    this.byAddress.add(connection.address);
  }

  identify(connection: Connection, identity: Identity): void {
    connection.identity = identity;
    this.byUser.put(identity.user.id, connection);
    this.bySession.put(identity.session, connection);
  }

  /** The hello is accepted. */
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
    this.byAddress.take(connection.address);
    this.#unlist(connection);
  }

  #unlist(connection: Connection): void {
    if (connection.identity === null) return;
    this.byUser.take(connection.identity.user.id, connection);
    this.bySession.take(connection.identity.session, connection);
  }
}
