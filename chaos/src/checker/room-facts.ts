import type { Anomalies } from "./anomalies.ts";
import type { RecordOf } from "./records.ts";

/** All attempts to send one event. */
export interface Sending {
  readonly digest: number;
  /** The highest seq of the room that its sender had an ack for when it sent this first. */
  readonly behind: number;
  attempts: number;
  /** Attempts of which the cluster said that nothing was accepted. */
  refusals: number;
  acked: { readonly seq: number; readonly epoch: number } | null;
}

/** Which event has a seq, as the first client said that heard of it. */
export interface Claim {
  readonly id: string;
  readonly epoch: number;
  readonly isServerMade: boolean;
}

export interface StoredRow {
  readonly id: string;
  readonly epoch: number;
  readonly kind: string;
  readonly digest: number;
}

/** Events that no client sends. */
const SERVER_MADE = new Set(["join", "leave", "room", "tombstone"]);
/** After these an event may have been accepted all the same. */
export const DOUBTFUL_CODES = new Set(["unavailable", "internal"]);

/** What all clients and the store together say of one room. */
export class RoomFacts {
  readonly name: string;
  readonly #anomalies: Anomalies;
  readonly sendings = new Map<string, Sending>();
  readonly claims = new Map<number, Claim>();
  /** Seqs that are reported as used twice. */
  readonly reused = new Set<number>();
  readonly rows = new Map<number, StoredRow>();
  readonly seqsOf = new Map<string, number[]>();
  readonly buried = new Set<string>();
  /** The highest mark, by the epoch that its hearer knew of. */
  readonly marks = new Map<number, number>();
  readonly #highestAcked = new Map<string, number>();
  epoch = 0;

  constructor(name: string, anomalies: Anomalies) {
    this.name = name;
    this.#anomalies = anomalies;
  }

  sent({ client, id, digest }: RecordOf<"sent">): void {
    const known = this.sendings.get(id);
    if (known !== undefined) known.attempts += 1;
    else {
      const behind = this.#highestAcked.get(client) ?? 0;
      this.sendings.set(id, { digest, behind, attempts: 1, refusals: 0, acked: null });
    }
  }

  refused({ id, code }: RecordOf<"refused">): void {
    const sending = this.sendings.get(id);
    if (sending !== undefined && !DOUBTFUL_CODES.has(code)) sending.refusals += 1;
  }

  acked({ client, id, seq, epoch }: RecordOf<"acked">): void {
    this.renumbered(epoch);
    this.#claim(seq, { id, epoch, isServerMade: false }, `acked to ${client}`);
    const sending = this.sendings.get(id);
    if (sending !== undefined) {
      if (seq <= sending.behind) this.#report("senderOrder", `${id} of ${client} is ${seq}, behind ${sending.behind}`);
      if (sending.acked === null || sending.acked.epoch < epoch) sending.acked = { seq, epoch };
    }
    this.#highestAcked.set(client, Math.max(this.#highestAcked.get(client) ?? 0, seq));
  }

  received({ client, id, seq, epoch, kind, digest }: RecordOf<"received">): void {
    this.renumbered(epoch);
    this.#claim(seq, { id, epoch, isServerMade: SERVER_MADE.has(kind) }, `received by ${client}`);
    this.#compare(id, digest, `received by ${client} at ${seq}`);
  }

  stored({ seq, id, epoch, kind, digest }: RecordOf<"stored">): void {
    this.renumbered(epoch);
    const before = this.rows.get(seq);
    if (before !== undefined && before.id !== id) this.#reuse(seq, `stored as ${before.id} and as ${id}`);
    this.rows.set(seq, { id, epoch, kind, digest });
    this.seqsOf.set(id, [...(this.seqsOf.get(id) ?? []), seq]);
    this.#compare(id, digest, `stored at ${seq}`);
  }

  marked(seq: number, epoch: number): void {
    this.marks.set(epoch, Math.max(this.marks.get(epoch) ?? 0, seq));
  }

  renumbered(epoch: number): void {
    this.epoch = Math.max(this.epoch, epoch);
  }

  #claim(seq: number, claim: Claim, where: string): void {
    const first = this.claims.get(seq);
    if (first === undefined) this.claims.set(seq, claim);
    else if (first.id !== claim.id) this.#reuse(seq, `${first.id}, and ${claim.id} as ${where}`);
    else if (first.epoch !== claim.epoch) {
      this.#report("historyDiffers", `${seq} is of epoch ${first.epoch}, and of ${claim.epoch} as ${where}`);
    }
  }

  #reuse(seq: number, how: string): void {
    this.reused.add(seq);
    this.#report("reusedSeq", `${seq} is ${how}`);
  }

  #compare(id: string, digest: number, where: string): void {
    const sending = this.sendings.get(id);
    if (digest === 0 || sending === undefined || sending.digest === digest) return;
    this.#report("altered", `${id} as ${where}`);
  }

  #report(kind: Parameters<Anomalies["add"]>[0], what: string): void {
    this.#anomalies.add(kind, `room ${this.name}: ${what}`);
  }
}

export function isServerMade(kind: string): boolean {
  return SERVER_MADE.has(kind);
}
