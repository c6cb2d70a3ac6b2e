import type { RoomId } from "@hubbub/protocol";
import type { DurableMark } from "./shard-logs.ts";

/** Events of a room up to `seq`. `stored`: every row up to here is in the store, now. */
export interface Forgettable extends DurableMark {
  readonly stored: number;
}

/** Takes events out of the tails of rooms: readers then take the rows of the store. */
export interface Tails {
  /**
   * Drops the events of rooms up to these seqs; some later ones may go with them. All rooms belong to one shard. Returns the
   * rooms where this must wait, because entries to drop also hold events that no published mark covers or that are not
   * stored. A mark alone does not prove the latter: the store may have been set back since.
   */
  forget(shard: number, events: readonly Forgettable[]): Promise<readonly RoomId[]>;
}
