import type { GapFrame } from "@hubbub/protocol";

/** Epoch 0 is a room that nobody has numbered yet: its first epoch is no news to anybody. */
export function isRenumbered(before: number, now: number): boolean {
  return before !== 0 && before !== now;
}

/** Why there is nothing between events of these epochs. */
export function gapReason(before: number, after: number): GapFrame["reason"] {
  return isRenumbered(before, after) ? "epoch" : "retention";
}
