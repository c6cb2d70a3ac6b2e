import fc from "fast-check";
import { digestOf, type HistoryRecord } from "../records.ts";

/** What happens in a run, by small numbers that choose a client, a room or an amount. */
export type Step =
  | { readonly what: "publish" | "publishUnheard" | "resend" | "refuse" | "leave" | "comeBack"; readonly who: number }
  | { readonly what: "join" | "mark" | "bury"; readonly amount: number }
  | { readonly what: "deliver"; readonly who: number; readonly amount: number }
  | { readonly what: "loseNumbers" | "forget"; readonly amount: number };

const who = fc.nat({ max: 2 });
const amount = fc.nat({ max: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant("publish" as const), who }) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant("deliver" as const), who, amount }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom("publishUnheard", "resend", "refuse" as const), who }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom("leave", "comeBack" as const), who }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom("join", "mark", "bury" as const), amount }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom("loseNumbers", "forget" as const), amount }) },
);

/** Runs of one room with three clients, in which everything is as it should be. */
export const correctRun: fc.Arbitrary<HistoryRecord[]> = fc
  .array(step, { minLength: 30, maxLength: 90 })
  .map((steps) => new Run().play(steps));

interface Happened {
  readonly seq: number;
  readonly epoch: number;
  readonly id: string;
  readonly kind: string;
  readonly user: string;
}

interface Client {
  readonly name: string;
  at: number;
  epoch: number;
  isHere: boolean;
  /** Sent without an answer. */
  unheard: string[];
}

const ROOM = "room";
const JUMP = 1_000;

/** A cluster without a fault in it, with everything that it is allowed to do to a client. */
class Run {
  readonly #records: HistoryRecord[] = [];
  readonly #clients: Client[] = ["ada", "bob", "eve"].map((name) => newClient(name));
  #log: Happened[] = [];
  /** Where an epoch begins, and whether there is anything up to there. */
  #gaps: { from: number; to: number }[] = [];
  #acked = new Map<string, Happened>();
  #buried = new Set<string>();
  #seq = 0;
  #epoch = 1;
  #durable = 0;
  #ids = 0;

  play(steps: readonly Step[]): HistoryRecord[] {
    for (const client of this.#clients) this.#subscribe(client);
    this.#publish(this.#client(0), true);
    for (const step of steps) this.#take(step);
    for (const client of this.#clients) if (client.isHere) this.#finish(client);
    for (const happened of this.#log) this.#store(happened);
    for (const id of this.#buried) this.#add({ type: "buried", room: ROOM, id });
    return this.#records;
  }

  #take(step: Step): void {
    switch (step.what) {
      case "publish":
        this.#publish(this.#client(step.who), true);
        break;
      case "publishUnheard":
        this.#publish(this.#client(step.who), false);
        break;
      case "resend":
        this.#resend(this.#client(step.who));
        break;
      case "refuse":
        this.#refuse(this.#client(step.who));
        break;
      case "leave":
        this.#client(step.who).isHere = false;
        return;
      case "comeBack":
        this.#comeBack(this.#client(step.who));
        break;
      case "join":
        this.#append({ id: `join-${this.#ids++}`, kind: "join", user: "nobody" });
        return;
      case "mark":
        this.#mark(step.amount);
        break;
      case "bury":
        this.#bury(step.amount);
        break;
      case "deliver":
        this.#deliver(this.#client(step.who), step.amount + 1);
        break;
      case "loseNumbers":
        this.#loseNumbers(step.amount);
        break;
      case "forget":
        this.#forget(step.amount);
        break;
    }
  }

  #publish(client: Client, isHeard: boolean): void {
    const id = `id-${this.#ids++}`;
    this.#send(client, id);
    const happened = this.#append({ id, kind: "message", user: client.name });
    if (isHeard) this.#ack(client, happened, false);
    else client.unheard.push(id);
  }

  /** An event whose ack was lost; if it was lost itself, with its number, this is its first. */
  #resend(client: Client): void {
    const id = client.unheard.shift();
    if (id === undefined) return;
    this.#send(client, id);
    const known = this.#log.find((happened) => happened.id === id);
    const happened = known ?? this.#append({ id, kind: "message", user: client.name });
    this.#ack(client, happened, known !== undefined);
  }

  #refuse(client: Client): void {
    const id = `id-${this.#ids++}`;
    this.#send(client, id);
    this.#add({ type: "refused", client: client.name, room: ROOM, id, code: "overloaded", at: 0 });
  }

  #comeBack(client: Client): void {
    if (client.isHere) return;
    client.isHere = true;
    const since = { seq: client.at, epoch: client.epoch };
    this.#add({ type: "subscribing", client: client.name, room: ROOM, since });
    this.#deliver(client, Number.POSITIVE_INFINITY);
    this.#subscribed(client);
  }

  #subscribe(client: Client): void {
    this.#add({ type: "subscribing", client: client.name, room: ROOM, since: null });
    this.#subscribed(client);
    client.isHere = true;
  }

  #subscribed({ name: client, at: head, epoch }: Client): void {
    this.#add({ type: "subscribed", client, room: ROOM, head, epoch, recovered: true });
  }

  #deliver(client: Client, count: number): void {
    if (!client.isHere) return;
    const { name } = client;
    for (let left = count; left > 0; left -= 1) {
      const gap = this.#gaps.find(({ from, to }) => from <= client.at + 1 && client.at < to);
      const next = this.#log.find(({ seq }) => seq === client.at + 1);
      if (gap !== undefined) {
        this.#tellEpoch(client);
        this.#add({ type: "gap", client: name, room: ROOM, from: client.at + 1, to: gap.to, reason: "epoch" });
        client.at = gap.to;
      } else if (next !== undefined) {
        const { seq, epoch, id, kind } = next;
        const digest = kind === "message" ? digestOf(id) : 0;
        this.#add({ type: "received", client: name, room: ROOM, seq, epoch, id, kind, digest, at: 0 });
        client.at = seq;
      } else return;
    }
  }

  #tellEpoch(client: Client): void {
    if (client.epoch === this.#epoch) return;
    client.epoch = this.#epoch;
    this.#add({ type: "epoch", client: client.name, room: ROOM, epoch: this.#epoch, head: this.#seq });
  }

  #mark(amount: number): void {
    this.#durable = Math.max(this.#durable, Math.min(this.#seq, this.#durable + amount + 1));
    if (!this.#log.some(({ seq }) => seq === this.#durable)) this.#durable = this.#log.at(-1)?.seq ?? 0;
    for (const { name: client, isHere, epoch } of this.#clients) {
      if (isHere && epoch === this.#epoch) this.#add({ type: "durable", client, room: ROOM, seq: this.#durable });
    }
  }

  /** The last few are lost with their numbers; who sent them sends them again. Nobody is told of a mark meanwhile. */
  #loseNumbers(amount: number): void {
    const kept = this.#log.filter(({ seq }) => seq <= Math.max(this.#durable, this.#seq - amount));
    const lost = this.#log.slice(kept.length);
    this.#log = kept;
    this.#gaps.push({ from: (kept.at(-1)?.seq ?? 0) + 1, to: this.#seq + JUMP });
    this.#seq += JUMP;
    this.#epoch += 1;
    for (const { id, user, kind } of lost) {
      const acked = this.#acked.get(id);
      if (acked !== undefined) this.#append({ id, user, kind });
    }
    // The new epoch has a row, so that the checker hears of it even if every client is away.
    this.#append({ id: `join-${this.#ids++}`, kind: "join", user: "nobody" });
  }

  /** A hole that is announced though the events are still stored: allowed, if a pity. */
  #forget(amount: number): void {
    this.#gaps.push({ from: this.#seq - amount, to: this.#seq });
  }

  #bury(amount: number): void {
    const happened = this.#log.at(-1 - amount);
    if (happened?.kind !== "message") return;
    this.#buried.add(happened.id);
  }

  #finish(client: Client): void {
    this.#deliver(client, Number.POSITIVE_INFINITY);
    this.#add({ type: "present", client: client.name, room: ROOM });
  }

  #store({ seq, epoch, id, user, kind }: Happened): void {
    const isBuried = this.#buried.has(id);
    const digest = kind === "message" && !isBuried ? digestOf(id) : 0;
    this.#add({ type: "stored", room: ROOM, seq, epoch, id, user, kind: isBuried ? "tombstone" : kind, digest });
  }

  #append(event: Pick<Happened, "id" | "kind" | "user">): Happened {
    this.#seq += 1;
    const happened = { ...event, seq: this.#seq, epoch: this.#epoch };
    this.#log.push(happened);
    return happened;
  }

  #send({ name: client }: Client, id: string): void {
    this.#add({ type: "sent", client, room: ROOM, id, digest: digestOf(id), at: 0 });
  }

  #ack({ name: client }: Client, happened: Happened, isDuplicate: boolean): void {
    const { id, seq, epoch } = happened;
    this.#acked.set(id, happened);
    this.#add({ type: "acked", client, room: ROOM, id, seq, epoch, isDuplicate, at: 0 });
  }

  #client(index: number): Client {
    const client = this.#clients[index];
    if (client === undefined) throw new RangeError(`no client ${index}`);
    return client;
  }

  #add(record: HistoryRecord): void {
    this.#records.push(record);
  }
}

function newClient(name: string): Client {
  return { name, at: 0, epoch: 1, isHere: false, unheard: [] };
}
