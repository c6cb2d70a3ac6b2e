import type { ChainEntry, RoomId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

/** How far the chain of a room goes. */
export interface ChainEnd {
  readonly seq: number;
  readonly link: string;
}

/** Hash chains over the stored events of rooms that want one. */
export interface Chains {
  /** Chains the room from its first row on, with an entry in the audit. Nothing, if it is chained already. */
  begin(room: RoomId, acting: Acting): Promise<void>;
  /** null: the room is not chained. */
  end(room: RoomId): Promise<ChainEnd | null>;
  /**
   * Looks at the next chained rooms after `after` in the order of their ids, at most 100. `room`: the first one of them with an event
   * to seal that is older than `before` (Unix ms). `next`: what to give as `after` to go on; null: there are no rooms after these.
   */
  due(before: number, after: RoomId | null): Promise<{ readonly room: RoomId | null; readonly next: RoomId | null }>;
  /**
   * Seals the next events of the room that are older than `before`; how many. 0: there is nothing to seal. -1: somebody
   * else sealed the room, or changes one of the rows just now: try again.
   */
  seal(room: RoomId, before: number, limit: number): Promise<number>;
  /** Links by rising seq, and the link that they follow. An event whose row is gone has only its seq. */
  links(
    room: RoomId,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<{ readonly before: string; readonly entries: readonly ChainEntry[] }>;
}
