import { ProtocolError, type RoomId } from "@hubbub/protocol";

/** Pieces of work for one room, the running one included. Few, for a connection may have many subscriptions. */
const QUEUE_MAX = 16;

/** Work of one connection for one room, one piece at a time. Different rooms do not wait for each other. */
export interface RoomQueue {
  size: number;
  /** Settles with the work that entered last. */
  end: Promise<void> | undefined;
}

/** A connection. */
interface QueueOwner {
  /** null while no work is under way: an idle connection holds no map. */
  roomQueues: Map<RoomId, RoomQueue> | null;
}

export function isQueued({ roomQueues }: QueueOwner, room: RoomId): boolean {
  return roomQueues?.has(room) ?? false;
}

/**
 * Runs `work` after everything that entered before for this room; in the same synchronous step when there is nothing.
 * @throws ProtocolError overloaded: the queue is full
 */
export function enqueue(connection: QueueOwner, room: RoomId, work: () => Promise<void>): Promise<void> {
  connection.roomQueues ??= new Map();
  const queues = connection.roomQueues;
  const queue: RoomQueue = queues.get(room) ?? { size: 0, end: undefined };
  if (queue.size >= QUEUE_MAX) {
    return Promise.reject(new ProtocolError("overloaded", "too many pending operations on this room"));
  }
  queues.set(room, queue);
  queue.size += 1;
  const turn = run(queue.end, work).finally(() => {
    queue.size -= 1;
    if (queue.size === 0) queues.delete(room);
    if (queues.size === 0) connection.roomQueues = null;
  });
  // The caller of this turn learns how it ended before the next turn begins.
  queue.end = turn.then(nothing, nothing);
  return turn;
}

async function run(ahead: Promise<void> | undefined, work: () => Promise<void>): Promise<void> {
  if (ahead !== undefined) await ahead;
  await work();
}

const nothing = (): void => undefined;
