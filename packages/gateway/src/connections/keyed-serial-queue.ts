import { ProtocolError } from "@hubbub/protocol";
import type { Connection } from "./connection.ts";

/**
 * Pieces of work in one lane, the one in progress among them; one more is refused as overloaded. Few, for a connection
 * may have as many lanes as subscriptions.
 */
const LANE_MAX = 16;

interface Lane {
  size: number;
  /** Of what entered last. */
  end: Promise<void>;
}

/** Work of a connection that must not overlap, by what it is about. Lanes do not wait for each other. */
export class Lanes {
  /**
   * Only while something is in them. Weak for the collector's sake: each former table of a `Map` that entries come to and
   * leave without end holds what was in progress then, leads to the next table, and drags all that out of the young heap.
   */
  readonly #lanes = new WeakMap<Connection, Map<string, Lane>>();

  isBusy(connection: Connection, name: string): boolean {
    return this.#lanes.get(connection)?.has(name) ?? false;
  }

  /**
   * Behind what is in the lane; in the same synchronous step when there is nothing.
   * @throws ProtocolError overloaded: too much waits
   */
  enter(connection: Connection, name: string, work: () => Promise<void>): Promise<void> {
    const before = this.#lanes.get(connection)?.get(name);
    if (before !== undefined && before.size >= LANE_MAX) {
      return Promise.reject(new ProtocolError("overloaded", "too much of this connection waits for the same"));
    }
    const lane = before ?? this.#open(connection, name);
    lane.size += 1;
    const turn = this.#turn(before?.end, work).finally(() => {
      lane.size -= 1;
      if (lane.size === 0) this.#close(connection, name);
    });
    // Behind the callers that wait for this turn: they are told how it ended before the next one begins.
    lane.end = turn.then(nothing, nothing);
    return turn;
  }

  async #turn(ahead: Promise<void> | undefined, work: () => Promise<void>): Promise<void> {
    if (ahead !== undefined) await ahead;
    await work();
  }

  #open(connection: Connection, name: string): Lane {
    const lane = { size: 0, end: Promise.resolve() };
    const lanes = this.#lanes.get(connection);
    if (lanes === undefined) this.#lanes.set(connection, new Map([[name, lane]]));
    else lanes.set(name, lane);
    return lane;
  }

  #close(connection: Connection, name: string): void {
    const lanes = this.#lanes.get(connection);
    lanes?.delete(name);
    if (lanes?.size === 0) this.#lanes.delete(connection);
  }
}

const nothing = (): void => undefined;
