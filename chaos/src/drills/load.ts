import { randomUUID } from "node:crypto";
import { eventually, Person, startAll } from "@hubbub/testkit";
import { Recorder } from "../checker/recorder.ts";
import { settle } from "../checker/settle.ts";
import { type Entrance, type MakeRecorder, openCrowd, roomOf } from "./crowd.ts";
import { HttpSender } from "./http-sender.ts";
import type { Tally } from "./tally.ts";

export interface LoadShape {
  readonly clients: number;
  readonly rooms: number;
  readonly eventsPerSecond: number;
  /** Connections that only listen, in rooms of their own, all on the first gateway at the start. */
  readonly listeners: number;
}

const tickMs = 20;
/** A client with so many events without an ack sends no more: an outage is not followed by a flood. */
const waitingMax = 50;
const liveMs = 30_000;

/** Recording clients that talk at a pace, each in its room, and one that publishes over HTTP. */
export class Load implements AsyncDisposable {
  readonly senders: readonly Recorder[];
  readonly recorders: readonly Recorder[];
  /** A member of each room in which somebody talks. */
  readonly members: ReadonlyMap<string, Person>;
  readonly #http: HttpSender;
  readonly #tally: Tally;
  readonly #eventsPerSecond: number;
  readonly #owned: AsyncDisposable;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(parts: LoadParts) {
    this.senders = parts.senders;
    this.members = parts.members;
    this.recorders = [...parts.senders, ...parts.listeners];
    this.#http = parts.http;
    this.#tally = parts.tally;
    this.#eventsPerSecond = parts.eventsPerSecond;
    this.#owned = parts.owned;
  }

  /** Rooms in which somebody talks. */
  get rooms(): Set<string> {
    return new Set(this.senders.flatMap(({ places }) => [...places.keys()]));
  }

  /** Every client in every room of its own. */
  get places(): [client: string, room: string][] {
    return this.recorders.flatMap(({ client, places }) =>
      [...places.keys()].map((room): [string, string] => [client, room]),
    );
  }

  get isConnected(): boolean {
    return this.recorders.every(({ places }) => [...places.values()].every(({ isLive }) => isLive));
  }

  /** Recorders that a close code told not to come back. */
  get refused(): readonly Recorder[] {
    return this.recorders.filter(({ refusedWith }) => refusedWith !== null);
  }

  /** The newest seq that anybody was told of, by room. */
  newest(): Map<string, number> {
    const newest = new Map<string, number>();
    for (const { places } of this.recorders) {
      for (const [room, place] of places) newest.set(room, Math.max(newest.get(room) ?? 0, place.newest));
    }
    return newest;
  }

  begin(): void {
    this.#http.isPaused = false;
    let owed = 0;
    let before = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      owed += ((now - before) * this.#eventsPerSecond) / 1_000;
      before = now;
      for (; owed >= 1; owed -= 1) this.#speak();
    }, tickMs);
  }

  /** Stops sending and waits until every sent event is settled. Returns those that are not. */
  async end(timeoutMs: number): Promise<readonly string[]> {
    clearInterval(this.#timer);
    this.#http.isPaused = true;
    const deadline = performance.now() + timeoutMs;
    while (this.#http.isWaiting && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    const lacking = await settle(this.recorders, Math.max(deadline - performance.now(), 0));
    return this.#http.isWaiting ? [...lacking, "http waits for an ack"] : lacking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#owned[Symbol.asyncDispose]();
  }

  #speak(): void {
    this.#turn += 1;
    const sender = this.senders[this.#turn % this.senders.length];
    if (sender === undefined || sender.waiting >= waitingMax) return;
    const rooms = [...sender.places.keys()];
    const room = rooms[Math.floor(this.#turn / this.senders.length) % rooms.length];
    if (room === undefined) return;
    const id = randomUUID();
    this.#tally.wanted(id);
    sender.publish(room, `${this.#turn} from ${sender.client}`, id);
  }
}

interface LoadParts {
  readonly senders: readonly Recorder[];
  readonly listeners: readonly Recorder[];
  readonly members: ReadonlyMap<string, Person>;
  readonly http: HttpSender;
  readonly tally: Tally;
  readonly eventsPerSecond: number;
  readonly owned: AsyncDisposable;
}

/** Connects everybody through the front; nobody talks before `begin`. */
export function startLoad(cluster: Entrance, shape: LoadShape, tally: Tally): Promise<Load> {
  return startAll(async (owned) => {
    const record: MakeRecorder = (client, person, rooms, url = () => cluster.wsUrl) =>
      owned.use(new Recorder({ history: tally, client, url, token: () => person.tokens.accessToken, rooms }));
    const people = await Promise.all(Array.from({ length: shape.clients }, () => Person.arrive(cluster.url)));
    const rooms = await openRooms(people, shape.rooms);
    const senders = people.map((person, index) => record(`client-${index}`, person, [roomOf(rooms, index)]));
    const [owner] = people;
    if (owner === undefined) throw new RangeError("a load has at least one client");
    const http = owned.use(new HttpSender({ url: cluster.url, person: owner, room: roomOf(rooms, 0), tally }));
    const crowd = await openCrowd(cluster, shape.listeners, record);
    const talking = [...senders, ...crowd.criers];
    const members = new Map(rooms.flatMap((room, index) => (people[index] ? [[room, people[index]] as const] : [])));
    const load = new Load({ ...shape, senders: talking, listeners: crowd.listeners, members, http, tally, owned });
    await eventually(
      () => {
        if (!load.isConnected) throw new Error("not everybody is connected");
      },
      { timeoutMs: liveMs },
    );
    return load;
  });
}

async function openRooms(people: readonly Person[], count: number): Promise<string[]> {
  const rooms = await Promise.all(people.slice(0, count).map(async (person) => (await person.createRoom()).id));
  await Promise.all(people.slice(count).map((person, index) => person.join(roomOf(rooms, index + count))));
  return rooms;
}
