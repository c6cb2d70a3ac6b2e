import type { RoomId, UserId } from "@hubbub/protocol";

/** A change of a standing or of a room that gateways may not know of, and how it is now. */
export interface UntoldChange {
  readonly id: number;
  readonly room: RoomId;
  /** null: the settings of the room, or that it was closed or opened. */
  readonly user: UserId | null;
  readonly isOpen: boolean;
  readonly isMember: boolean;
}

/** Every change of a member, of a room's settings or of a block is kept here by its own transaction, until it is told. */
export interface UntoldChanges {
  /** The oldest. */
  list(limit: number): Promise<readonly UntoldChange[]>;
  /** They are told. */
  remove(changes: readonly Pick<UntoldChange, "id">[]): Promise<void>;
}
