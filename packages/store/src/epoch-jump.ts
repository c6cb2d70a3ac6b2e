/**
 * After a restore the database counts on from an older state. The random step keeps it from giving out the epochs of
 * the lost time again: the same epoch comes twice in one of a million restores.
 */
const EPOCH_STEPS = 2 ** 20;
/** How many times as far as it must an epoch jumps at most. */
const FURTHER_MAX = 1_024;

/** The epoch after `above`; 0: there was none. */
export function nextEpoch(above: number): number {
  return above === 0 ? 1 : above + 1 + Math.floor(Math.random() * EPOCH_STEPS);
}

/**
 * How far above all that is known the numbers of an epoch begin: at least `jump`. Two histories of a room that begin an epoch
 * above the same seq, one of them on a store that was set back, take epochs that differ by chance, and so this: with a jump of
 * 1,000,000 the seqs of 1,000 events on either side meet in about three of a million cases. The epoch alone decides, so
 * that a check can tell the jump from seqs that are missing.
 */
export function jumpOf(epoch: number, jump: number): number {
  return epoch <= 1 ? jump : jump + Math.floor(((epoch % EPOCH_STEPS) * jump * FURTHER_MAX) / EPOCH_STEPS);
}
