import type { Deliveries } from "./deliveries.ts";
import type { Presence } from "./presence.ts";
import type { Revocations } from "./revocations.ts";
import type { RoomLog } from "./room-log.ts";
import type { ShardLogs } from "./shard-logs.ts";
import type { Spending } from "./spending.ts";
import type { Tails } from "./tails.ts";
import type { Turns } from "./turns.ts";

/**
 * All that the processes of a cluster share beside the store. Ask for the role that you need, not for the whole.
 *
 * Two implementations, `redis/` for a cluster and `memory/` for one process, pass the same contract suite. All seqs,
 * epochs and times are safe integers; times are Unix milliseconds by the clock of the log.
 */
export interface Broker extends RoomLog, Deliveries, ShardLogs, Tails, AsyncDisposable {
  readonly presence: Presence;
  readonly revocations: Revocations;
  readonly spending: Spending;
  readonly turns: Turns;
  /** Resolves when a command passes. @throws BrokerUnavailable */
  ping(): Promise<void>;
}
