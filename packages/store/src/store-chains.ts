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
   * Seals the next events of one room that are older than `before` (Unix ms); how many. 0: there is nothing to seal. -1:
   * somebody else sealed the room, or changes one of the rows just now: try again.
   */
  seal(before: number, limit: number): Promise<number>;
  /** Links by rising seq, and the link that they follow. An event whose row is gone has only its seq. */
  links(
    room: RoomId,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<{ readonly before: string; readonly entries: readonly ChainEntry[] }>;
}
