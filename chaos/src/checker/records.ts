/**
 * What clients and the store say happened. Records of one client stand in the order in which it lived them; nothing is
 * concluded from the order of two clients. Times are Unix ms.
 *
 * An event id must be unique among all clients of a history, as UUIDs are.
 */
export type HistoryRecord =
  /** An attempt to publish; the same id again is the same event sent again. `digest`: of the text. */
  | { type: "sent"; client: string; room: string; id: string; digest: number; at: number }
  | {
      type: "acked";
      client: string;
      room: string;
      id: string;
      seq: number;
      epoch: number;
      isDuplicate: boolean;
      at: number;
    }
  /** `code`: of the protocol's errors. */
  | { type: "refused"; client: string; room: string; id: string; code: string; at: number; isBare?: boolean }
  /** The client asks for the room, from what it has (null: from now on). What came before is settled by this. */
  | { type: "subscribing"; client: string; room: string; since: { seq: number; epoch: number } | null }
  /** What was missed has come; everything behind `head` is live. */
  | { type: "subscribed"; client: string; room: string; head: number; epoch: number; recovered: boolean }
  /** An event, replayed or live. `at`: when the server accepted it, by its clock. */
  | {
      type: "received";
      client: string;
      room: string;
      seq: number;
      epoch: number;
      id: string;
      kind: string;
      digest: number;
      at: number;
    }
  /** Both ends included. */
  | { type: "gap"; client: string; room: string; from: number; to: number; reason: string }
  | { type: "epoch"; client: string; room: string; epoch: number; head: number }
  | { type: "durable"; client: string; room: string; seq: number }
  /** The client is subscribed, and enough time has passed since the last event was sent: it must have all events. */
  | { type: "present"; client: string; room: string }
  /**
   * The room's data was set back: from `at` on it is what it was at `copiedAt`. Stands before everything else of its room
   * or behind it; only `checkLives` understands it.
   */
  | { type: "setBack"; room: string; copiedAt: number; at: number }
  /** A row of the store, read at the end. */
  | { type: "stored"; room: string; seq: number; epoch: number; id: string; user: string; kind: string; digest: number }
  /** A dead letter, read at the end. */
  | { type: "buried"; room: string; id: string };

export type RecordOf<Type extends HistoryRecord["type"]> = Extract<HistoryRecord, { type: Type }>;

/** FNV-1a in 32 bits: enough to see that a text was altered. Never 0, which stands for no text. */
export function digestOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0 || 1;
}
