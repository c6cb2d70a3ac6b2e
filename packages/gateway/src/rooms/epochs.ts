import type { GapFrame } from "@hubbub/protocol";

/** Whether listeners must be told. Epoch 0 means a room without events: its first epoch is no news. */
export function isRenumbered(before: number, now: number): boolean {
  return before !== 0 && before !== now;
}

/** The reason of a gap between events of these epochs. */
export function gapReason(before: number, after: number): GapFrame["reason"] {
  return isRenumbered(before, after) ? "epoch" : "retention";
}
