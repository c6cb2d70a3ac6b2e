import { ProtocolError } from "@hubbub/protocol";
import type { Connection } from "./connection.ts";

/** Pieces of work under one key, the running one included. Few, for a connection may have as many keys as subscriptions. */
const QUEUE_MAX = 16;

interface Queue {
  size: number;
  /** Settles with the work that entered last. */
  end: Promise<void>;
}

/** Runs the work of one connection under one key one piece at a time. Different keys do not wait for each other. */
export class KeyedSerialQueue {
  /**
   * Holds a queue only while work is in it. A `WeakMap` because of the garbage collector: a `Map` whose entries come and go
   * without end leaves old tables behind. Each keeps the work of its time alive and moves it out of the young generation.
   */
  readonly #queues = new WeakMap<Connection, Map<string, Queue>>();

  isBusy(connection: Connection, key: string): boolean {
    return this.#queues.get(connection)?.has(key) ?? false;
  }

  /**
   * Runs `work` after everything that entered before under this key; in the same synchronous step when there is nothing.
   * @throws ProtocolError overloaded: the queue is full
   */
  enter(connection: Connection, key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(connection)?.get(key);
    if (before !== undefined && before.size >= QUEUE_MAX) {
      return Promise.reject(new ProtocolError("overloaded", "too many pending operations on this room"));
    }
    const queue = before ?? this.#open(connection, key);
    queue.size += 1;
    const turn = this.#turn(before?.end, work).finally(() => {
      queue.size -= 1;
      if (queue.size === 0) this.#close(connection, key);
    });
    // The caller of this turn learns how it ended before the next turn begins.
    queue.end = turn.then(nothing, nothing);
    return turn;
  }

  async #turn(ahead: Promise<void> | undefined, work: () => Promise<void>): Promise<void> {
    if (ahead !== undefined) await ahead;
    await work();
  }

  #open(connection: Connection, key: string): Queue {
    const queue = { size: 0, end: Promise.resolve() };
    const queues = this.#queues.get(connection);
    if (queues === undefined) this.#queues.set(connection, new Map([[key, queue]]));
    else queues.set(key, queue);
    return queue;
  }

  #close(connection: Connection, key: string): void {
    const queues = this.#queues.get(connection);
    queues?.delete(key);
    if (queues?.size === 0) this.#queues.delete(connection);
  }
}

const nothing = (): void => undefined;
