import { jumpOf } from "@hubbub/store/sql";
import type { RowHead } from "./audit.ts";

export interface EpochRecord {
  readonly epoch: number;
  /** It numbers above this. */
  readonly head: number;
}

/** Seqs without a row between two rows that follow each other. Both ends included. */
export interface Gap {
  readonly kind: "hole" | "renumbered";
  readonly from: number;
  readonly to: number;
}

/**
 * Which of the seqs between two rows have to be rows.
 *
 * An epoch begins above a head that Postgres keeps, so the jump below the first row of an epoch is known exactly. What lies
 * below that jump was given out before a log was lost, and offered again under later numbers if anybody had it.
 *
 * Within an epoch every seq is a row, with one exception: of a log that was lost and came back the writer leaves out what
 * is stored under a later epoch by then. So a missing row of the newest stored epoch is missing without doubt; of an earlier
 * one the rows alone cannot tell.
 *
 * `before`: seq 0 of epoch 0 in front of the first row. `jump`: by how much an epoch begins at least above what is known;
 * 0 where nothing that got a number can be lost.
 */
export function gapsBetween(
  before: RowHead,
  after: RowHead,
  { newestEpoch, epochs, jump }: { newestEpoch: number; epochs: readonly EpochRecord[]; jump: number },
): Gap[] {
  const [from, to] = [before.seq + 1, after.seq - 1];
  if (from > to) return [];
  const ofEarlier = jump === 0 ? "hole" : "renumbered";
  const ofEpoch = after.epoch === newestEpoch ? "hole" : ofEarlier;
  if (before.epoch === after.epoch) return [{ kind: ofEpoch, from, to }];
  const begun = startOf(after, epochs);
  // Postgres was set back to a state from before the epoch: nobody knows where it began.
  if (begun === undefined) return [{ kind: "renumbered", from, to }];
  const known = epochs.find(({ head, epoch }) => head >= before.seq && epoch > Math.max(before.epoch, 1)) ?? begun;
  const lowest = known.head < begun.head ? known : begun;
  const gaps: Gap[] = [
    { kind: ofEarlier, from, to: lowest.head - jumpOf(lowest.epoch, jump) },
    { kind: ofEpoch, from: Math.max(begun.head, before.seq) + 1, to },
  ];
  return gaps.filter((gap) => gap.from <= gap.to);
}

/** Redis may count an epoch higher than Postgres did, never where it begins lower. */
function startOf({ seq, epoch }: RowHead, epochs: readonly EpochRecord[]): EpochRecord | undefined {
  const exact = epochs.find(({ head }) => head === seq - 1);
  return exact ?? epochs.findLast((record) => record.epoch === epoch && record.head < seq);
}
