import type { RoomId, Visibility } from "@hubbub/protocol";

/** What a process does: counts a second, and states. */
export interface ProcessFigures {
  readonly connections: number;
  readonly rooms: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly stored: number;
  readonly refused: number;
  readonly cpu: number;
  readonly loop: number;
  readonly memory: number;
  readonly acceptP50?: number | undefined;
  readonly acceptP99?: number | undefined;
  readonly unstored: number;
  readonly lag: number;
}

export interface TimeRange {
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
}

/** Figures by minute, for the hour that operators look at and the same hour a day before. */
export interface MinuteStats {
  /** Replaces the row of the node and minute, and deletes rows that are older than eight days. */
  put(row: {
    readonly node: string;
    readonly minute: Date;
    readonly figures: ProcessFigures;
    readonly busiest: Readonly<Record<string, number>>;
  }): Promise<void>;
  /** By minute, rising: sums over nodes, and the highest of `loop` and of the times of acks. `node`: of this one alone. */
  minutes(range: TimeRange, node?: string): Promise<readonly (ProcessFigures & { readonly at: Date })[]>;
  /** Events a second of a room, in minutes in which it was among the busiest of a node. */
  ofRoom(room: RoomId, range: TimeRange): Promise<readonly { readonly at: Date; readonly perSecond: number }[]>;
  /** Names of those rooms that are there. */
  names(
    rooms: readonly RoomId[],
  ): Promise<readonly { readonly id: RoomId; readonly name: string; readonly visibility: Visibility }[]>;
}
