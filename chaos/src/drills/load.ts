import { randomUUID } from "node:crypto";
import { type Disposal, eventually, Person, startAll } from "@hubbub/testkit";
import { Recorder } from "../checker/recorder.ts";
import type { HistoryRecord } from "../checker/records.ts";
import { RoomFold } from "../checker/room-fold.ts";
import { settle } from "../checker/settle.ts";
import { ChangeScript } from "./changes.ts";
import { type Entrance, type MakeRecorder, openCrowd, roomOf } from "./crowd.ts";
import { HttpSender } from "./http-sender.ts";
import { Reader } from "./reader.ts";
import type { Tally } from "./tally.ts";

export interface LoadShape {
  readonly clients: number;
  readonly rooms: number;
  readonly eventsPerSecond: number;
  /** Of the clients, those that change messages too; default none. */
  readonly changeShare?: number | undefined;
  /** Connections that only listen, in rooms of their own, all on the first gateway at the start. */
  readonly listeners: number;
}

const tickMs = 20;
/** A client with so many events without an ack sends no more: an outage is not followed by a flood. */
const waitingMax = 50;
const liveMs = 30_000;
/** Turns after which a client says how far it has read. */
const readEvery = 7;

/** Recording clients that talk at a pace, each in its room, and one that publishes over HTTP. */
export class Load implements AsyncDisposable {
  readonly senders: readonly Recorder[];
  readonly recorders: readonly Recorder[];
  /** A member of each room in which somebody talks. */
  readonly members: ReadonlyMap<string, Person>;
  /** What one client of each room received. */
  readonly folds: ReadonlyMap<string, RoomFold>;
  readonly #http: HttpSender;
  readonly #reader: Reader;
  readonly #changes: ChangeScript;
  readonly #changers: LoadParts["changers"];
  readonly #tally: Tally;
  readonly #eventsPerSecond: number;
  readonly #owned: AsyncDisposable;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  /** What the pace is multiplied by. */
  pace = 1;

  constructor(parts: LoadParts) {
    this.senders = parts.senders;
    this.members = parts.members;
    this.recorders = [...parts.senders, ...parts.listeners];
    this.folds = parts.folds;
    this.#http = parts.http;
    this.#reader = parts.reader;
    this.#changes = parts.changes;
    this.#changers = parts.changers;
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

  /** Edits, deletions, reactions, pins and replies that were acked. */
  get changes(): number {
    return this.#changes.acked;
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
    this.#reader.isPaused = false;
    let owed = 0;
    let before = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      owed += ((now - before) * this.#eventsPerSecond * this.pace) / 1_000;
      before = now;
      for (; owed >= 1; owed -= 1) this.#speak();
    }, tickMs);
  }

  /** Stops sending and waits until every sent event is settled. Returns those that are not. */
  async end(timeoutMs: number): Promise<readonly string[]> {
    clearInterval(this.#timer);
    this.#http.isPaused = true;
    this.#reader.isPaused = true;
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
    const text = `${this.#turn} from ${sender.client}`;
    const changer = this.#changers.get(sender);
    this.#tally.wanted(id, changer === undefined);
    if (changer === undefined) sender.publish(room, text, id);
    else {
      const { isOwner } = changer;
      const by = { client: sender.client, isOwner, waitingChanges: sender.waitingChanges };
      sender.send(room, this.#changes.next(room, by, text, id), id);
      if (this.#turn % readEvery === 0) sender.read(room, sender.place(room).newest);
    }
  }
}

interface LoadParts {
  readonly senders: readonly Recorder[];
  readonly listeners: readonly Recorder[];
  readonly members: ReadonlyMap<string, Person>;
  readonly folds: ReadonlyMap<string, RoomFold>;
  readonly http: HttpSender;
  readonly reader: Reader;
  readonly changes: ChangeScript;
  /** Senders that change messages too. The others need nothing but the log. */
  readonly changers: ReadonlyMap<Recorder, { readonly isOwner: boolean }>;
  readonly tally: Tally;
  readonly eventsPerSecond: number;
  readonly owned: AsyncDisposable;
}

/** Connects everybody through the front; nobody talks before `begin`. */
export function startLoad(cluster: Entrance, shape: LoadShape, tally: Tally): Promise<Load> {
  return startAll(async (owned) => {
    const people = await Promise.all(Array.from({ length: shape.clients }, () => Person.arrive(cluster.url)));
    const rooms = await openRooms(people, shape.rooms);
    const names = new Map(people.map(({ name }, index) => [clientOf(index), name]));
    const changes = new ChangeScript((client) => names.get(client) ?? client);
    const folds = new Map(rooms.map((room) => [room, new RoomFold()]));
    const record = recordInto({ cluster, tally, changes, owned });
    const senders = people.map((person, index) => {
      const room = roomOf(rooms, index);
      const fold = index < rooms.length ? folds.get(room) : undefined;
      return record(clientOf(index), person, [room], undefined, fold && ((event) => fold.add(event)));
    });
    const [owner] = people;
    if (owner === undefined) throw new RangeError("a load has at least one client");
    const http = owned.use(new HttpSender({ url: cluster.url, person: owner, room: roomOf(rooms, 0), tally }));
    const crowd = await openCrowd(cluster, shape.listeners, record);
    const talking = [...senders, ...crowd.criers];
    const members = new Map(rooms.flatMap((room, index) => (people[index] ? [[room, people[index]] as const] : [])));
    const reader = owned.use(new Reader(members));
    const changers = changersOf(senders, shape);
    const parts = { senders: talking, listeners: crowd.listeners, members, folds, http, reader, changes, changers };
    const load = new Load({ ...shape, ...parts, tally, owned });
    await eventually(
      () => {
        if (!load.isConnected) throw new Error("not everybody is connected");
      },
      { timeoutMs: liveMs },
    );
    return load;
  });
}

/** Spread over the rooms, owners first. */
function changersOf(senders: readonly Recorder[], { rooms, changeShare = 0 }: LoadShape): LoadParts["changers"] {
  const turns = Math.max(1, Math.round(1 / Math.max(changeShare, Number.EPSILON)));
  const isChanger = (index: number) => changeShare > 0 && (Math.floor(index / rooms) + index) % turns === 0;
  return new Map(
    senders.flatMap((sender, index) => (isChanger(index) ? [[sender, { isOwner: index < rooms }] as const] : [])),
  );
}

interface Recording {
  readonly cluster: Entrance;
  readonly tally: Tally;
  readonly changes: ChangeScript;
  readonly owned: Disposal;
}

function recordInto({ cluster, tally, changes, owned }: Recording): MakeRecorder {
  const history = {
    add(entry: HistoryRecord) {
      changes.hear(entry);
      tally.add(entry);
    },
  };
  return (client, person, rooms, url = () => cluster.wsUrl, onEvent = undefined) =>
    owned.use(new Recorder({ history, client, url, token: () => person.tokens.accessToken, rooms, onEvent }));
}

function clientOf(index: number): string {
  return `client-${index}`;
}

async function openRooms(people: readonly Person[], count: number): Promise<string[]> {
  const rooms = await Promise.all(people.slice(0, count).map(async (person) => (await person.createRoom()).id));
  await Promise.all(people.slice(count).map((person, index) => person.join(roomOf(rooms, index + count))));
  return rooms;
}
