import { once } from "node:events";
import type { ServerFrame, Tokens } from "@hubbub/protocol";
import { eventually, Person } from "@hubbub/testkit";
import { WebSocket } from "ws";

/**
 * People who behave: they talk at a steady rate and take down all they hear, with the time from a publish to its
 * delivery at each of them.
 */
export interface CrowdPlan {
  /** Where people sign up and join: the address of each is its own, so nobody shares a limit. */
  readonly apiUrl: string;
  /** Members connect to these in turn. */
  readonly wsUrls: readonly string[];
  readonly members: number;
  readonly rooms: number;
  /** Of all members together. */
  readonly messagesPerSecond: number;
}

export interface Figures {
  readonly deliveries: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface Verdict {
  readonly sent: number;
  readonly acked: number;
  readonly delivered: number;
  /** One line for each message lost, doubled, out of order, refused or not acked; the first of them. */
  readonly faults: readonly string[];
}

const faultsMax = 20;
const tickMs = 5;
const lastDeliveryMs = 10_000;

/** A person at an address of their own, as a trusted proxy would tell it. */
export async function arriveFrom(apiUrl: string, address: string): Promise<Person> {
  const response = await fetch(`${apiUrl}/api/v1/auth/guest`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-real-ip": address },
    body: "{}",
  });
  if (!response.ok) throw new Error(`no guest: ${response.status} ${await response.text()}`);
  return new Person(apiUrl, (await response.json()) as Tokens);
}

export async function gatherCrowd(plan: CrowdPlan): Promise<Crowd> {
  const people = await Promise.all(
    Array.from({ length: plan.members }, (_, at) => arriveFrom(plan.apiUrl, addressOf(at))),
  );
  const [owner] = people;
  if (owner === undefined) throw new Error("a crowd has members");
  const rooms = await Promise.all(Array.from({ length: plan.rooms }, () => owner.createRoom()));
  const members = await Promise.all(
    people.map(async (person, at) => {
      const room = rooms[at % rooms.length]?.id ?? "";
      if (person !== owner) await person.join(room);
      const url = plan.wsUrls[at % plan.wsUrls.length] ?? "";
      return Member.connect(person, { url, room, address: addressOf(at) });
    }),
  );
  // Joins are events too: the last of them has come to everybody before anything counts.
  await eventually(() => checkAlike(members));
  return new Crowd(members, plan.messagesPerSecond);
}

function addressOf(member: number): string {
  return `10.1.${member >> 8}.${member & 0xff}`;
}

function checkAlike(members: readonly Member[]): void {
  for (const { room, last } of members) {
    const furthest = Math.max(...members.filter((other) => other.room === room).map((other) => other.last));
    if (last !== furthest) throw new Error(`a member of ${room} is at ${last}, another at ${furthest}`);
  }
}

export class Crowd {
  readonly #members: readonly Member[];
  readonly #timer: NodeJS.Timeout;
  #next = 0;

  constructor(members: readonly Member[], messagesPerSecond: number) {
    this.#members = members;
    const startedAt = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1000) * messagesPerSecond;
      for (; sent < due; sent += 1) this.#speak();
    }, tickMs);
  }

  /** Rooms of the crowd, with the seq that was heard last in each. */
  heads(): ReadonlyMap<string, number> {
    return new Map(this.#members.map(({ room, last }) => [room, last]));
  }

  /** What was delivered while `work` ran. */
  async measure<T>(work: () => Promise<T>): Promise<{ result: T; figures: Figures }> {
    for (const member of this.#members) member.latencies = [];
    const result = await work();
    const sorted = this.#members.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { result, figures: { deliveries: sorted.length, p50: at(0.5), p99: at(0.99) } };
  }

  /** Stops sending, waits for every sent message, compares, and closes all connections. */
  async finish(): Promise<Verdict> {
    clearInterval(this.#timer);
    const settle = () => {
      for (const { waiting } of this.#members) if (waiting > 0) throw new Error(`${waiting} acks are missing`);
      checkAlike(this.#members);
    };
    await eventually(settle, { timeoutMs: lastDeliveryMs }).catch(() => undefined);
    const acked = this.#members.reduce((sum, member) => sum + member.acked.size, 0);
    const sent = this.#members.reduce((sum, member) => sum + member.sent, 0);
    const delivered = this.#members.reduce((sum, member) => sum + member.heard.size, 0);
    const faults = [...this.#members.flatMap((member) => member.faults), ...this.#losses()];
    for (const member of this.#members) member.leave();
    return { sent, acked, delivered, faults: faults.slice(0, faultsMax) };
  }

  #losses(): string[] {
    return this.#members.flatMap((speaker) => {
      const unacked = speaker.waiting === 0 ? [] : [`${speaker.waiting} messages of one member have no ack`];
      const hearers = this.#members.filter(({ room }) => room === speaker.room);
      const lost = [...speaker.acked].flatMap(([id, seq]) =>
        hearers.filter(({ heard }) => heard.get(id) !== seq).map(() => `${id} is not at ${seq} for a member`),
      );
      return [...unacked, ...lost];
    });
  }

  #speak(): void {
    const member = this.#members[this.#next % this.#members.length];
    this.#next += 1;
    member?.publish();
  }
}

class Member {
  readonly room: string;
  /** The seq heard last; rises by one or it is a fault. */
  last = 0;
  sent = 0;
  /** Seq by event id. */
  readonly acked = new Map<string, number>();
  readonly heard = new Map<string, number>();
  readonly faults: string[] = [];
  /** Since the last time it was emptied; bounded by what a test says. */
  latencies: number[] = [];
  readonly #socket: WebSocket;
  readonly #name: string;

  private constructor(socket: WebSocket, room: string, name: string) {
    this.#socket = socket;
    this.room = room;
    this.#name = name;
    socket.on("message", (data) => this.#take(JSON.parse(String(data)) as ServerFrame));
    socket.on("close", (code) => this.faults.push(`closed with ${code}`));
  }

  static async connect(person: Person, at: { url: string; room: string; address: string }): Promise<Member> {
    const socket = new WebSocket(at.url, "hubbub.v1", {
      headers: { "x-real-ip": at.address },
      perMessageDeflate: false,
    });
    const member = new Member(socket, at.room, at.address.replaceAll(".", "-"));
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "hello", ref: 0, token: person.tokens.accessToken }));
    socket.send(JSON.stringify({ type: "subscribe", ref: 0, room: at.room }));
    await eventually(() => {
      if (member.last === 0) throw new Error("not subscribed");
    });
    return member;
  }

  get waiting(): number {
    return this.sent - this.acked.size;
  }

  publish(): void {
    this.sent += 1;
    const id = `${this.#name}-${this.sent}`;
    const text = String(performance.now());
    this.#socket.send(JSON.stringify({ type: "publish", ref: this.sent, room: this.room, id, text }));
  }

  leave(): void {
    this.#socket.terminate();
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "subscribed") this.last = frame.head;
    else if (frame.type === "ack") this.acked.set(`${this.#name}-${frame.ref}`, frame.seq);
    else if (frame.type === "event") {
      if (frame.seq !== this.last + 1) this.faults.push(`seq ${frame.seq} behind ${this.last}`);
      this.last = frame.seq;
      if (frame.kind !== "message") return;
      this.heard.set(frame.id, frame.seq);
      this.latencies.push(performance.now() - Number(frame.text));
    } else if (["error", "gap", "slow", "epoch", "goaway"].includes(frame.type))
      this.faults.push(JSON.stringify(frame));
  }
}
