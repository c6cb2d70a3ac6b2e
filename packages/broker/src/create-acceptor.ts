import type { RoomId } from "@hubbub/protocol";
import { Acceptor } from "./accept/acceptor.ts";
import type { BrokerLogger } from "./broker-logger.ts";
import type { BeginEpoch, Fence } from "./recovery/epoch-migration.ts";
import { RoomRecovery } from "./recovery/room-recovery.ts";
import type { NumberedEvent, RoomLog } from "./roles/room-log.ts";
import type { ShardLogs } from "./roles/shard-logs.ts";

export interface AcceptorOptions {
  readonly broker: RoomLog & ShardLogs;
  /** `Rooms.beginEpoch` of the store. What it throws reaches the callers that wait for the room. */
  readonly beginEpoch: BeginEpoch;
  /** `Events.recent` of the store. Without it a stored event is not recognised once the log has lost it. */
  readonly recent?: ((room: RoomId) => Promise<readonly NumberedEvent[]>) | undefined;
  /** Without it nothing is kept for a log that is lost. */
  readonly fence?: Fence | undefined;
  readonly log?: BrokerLogger | undefined;
  /** Milliseconds for which a batch may gather now. Without it batches leave at once. */
  readonly gatherMs?: (() => number) | undefined;
}

/** The acceptor with its recovery. One for each process. */
export function createAcceptor(options: AcceptorOptions): Acceptor {
  const { broker, beginEpoch, recent = async () => [], log: logger, gatherMs = () => 0 } = options;
  const fence = broker.isAcceptDurable ? undefined : options.fence;
  return new Acceptor({
    log: broker,
    shards: broker.shards,
    gatherMs,
    createRecovery: (pending, batcherOf) =>
      new RoomRecovery({ broker, beginEpoch, recent, fence, logger, pending, batcherOf }),
  });
}
