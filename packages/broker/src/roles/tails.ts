import type { RoomId } from "@hubbub/protocol";
import type { DurableMark } from "./shard-logs.ts";

/** Takes events out of the tails of rooms: readers then take the rows of the store. */
export interface Tails {
  /**
   * Drops the events of rooms up to these seqs; some later ones may go with them. All rooms belong to one shard. Returns the
   * rooms where that must wait, because they go together with events that no published mark covers.
   */
  forget(shard: number, events: readonly DurableMark[]): Promise<readonly RoomId[]>;
}
