/** What must never be in a history, however the parts of the cluster failed. */
export const ANOMALIES = {
  lostAcked: "acked, and neither stored nor a dead letter",
  undelivered: "a client that stayed to the end never got it",
  phantom: "nobody sent it, or every attempt was refused",
  altered: "its text is not the one that was sent",
  duplicateStored: "one id stored at two seqs",
  duplicateDelivered: "one seq twice to a client that had not resumed before it",
  reordered: "a seq fell within a subscription",
  reusedSeq: "two ids for one seq of a room",
  unannouncedGap: "a client's seqs jumped, and no gap covered it",
  historyDiffers: "what was live and what is stored are not the same",
  markWithoutRow: "told to be durable, and there is no row",
  senderOrder: "it was sent behind the ack of an event that it precedes",
} as const;

export type AnomalyKind = keyof typeof ANOMALIES;

export interface Anomaly {
  readonly count: number;
  /** The first few. */
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 5;

/** Counts anomalies by kind and keeps the first of each. */
export class Anomalies {
  readonly #found = new Map<AnomalyKind, { count: number; examples: string[] }>();

  add(kind: AnomalyKind, example: string, count = 1): void {
    const known = this.#found.get(kind);
    if (known === undefined) {
      this.#found.set(kind, { count, examples: [example] });
      return;
    }
    known.count += count;
    if (known.examples.length < EXAMPLES_MAX) known.examples.push(example);
  }

  get found(): Partial<Record<AnomalyKind, Anomaly>> {
    return Object.fromEntries(this.#found);
  }
}
