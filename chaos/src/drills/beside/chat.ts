import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Disposal, eventually, Person, startAll, subscribe, type WsClient } from "@hubbub/testkit";

interface ChatShape {
  readonly people: number;
  readonly rooms: number;
  readonly messagesPerSecond: number;
}

interface Speaker {
  readonly ws: WsClient;
  readonly room: string;
}

/** What was measured of the messages that began within a while. */
interface Samples {
  /** Ms until a message was acked and another member had it. */
  readonly tookMs: number[];
  waiting: number;
  refused: number;
}

interface Waiting {
  readonly since: number;
  readonly speaker: Speaker;
  readonly samples: Samples;
  isAcked: boolean;
  isSeen: boolean;
}

const tickMs = 5;
/** A message that takes longer is given up, and its window with it. */
const lateMs = 10_000;
const textBytes = 200;

/** People who talk at a pace, each in a room with others. */
export class Chat implements AsyncDisposable {
  readonly #owned: Disposal;
  readonly #speakers: readonly Speaker[];
  readonly #timer: NodeJS.Timeout;
  /** By event id, and by the sender's ref, which is the same text. Bounded by the pace and `lateMs`. */
  readonly #waiting = new Map<string, Waiting>();
  #samples: Samples | null = null;
  #turn = 0;

  constructor(owned: Disposal, speakers: readonly Speaker[], messagesPerSecond: number) {
    this.#owned = owned;
    this.#speakers = speakers;
    for (const speaker of speakers) void this.#listen(speaker);
    let owed = 0;
    let before = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      owed += ((now - before) * messagesPerSecond) / 1_000;
      before = now;
      for (; owed >= 1; owed -= 1) this.#speak(now);
    }, tickMs);
  }

  /** Of the messages that begin within so many ms, sorted. @throws when one was refused, or has not arrived in time */
  async measure(ms: number): Promise<readonly number[]> {
    const samples: Samples = { tookMs: [], waiting: 0, refused: 0 };
    this.#samples = samples;
    await sleep(ms);
    this.#samples = null;
    await eventually(
      () => {
        if (samples.waiting > 0) throw new Error(`${samples.waiting} messages have not arrived after ${lateMs} ms`);
      },
      { timeoutMs: lateMs },
    );
    if (samples.refused > 0) throw new Error(`${samples.refused} messages of others were refused`);
    return samples.tookMs.sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#owned[Symbol.asyncDispose]();
  }

  #speak(now: number): void {
    this.#turn += 1;
    const speaker = this.#speakers[this.#turn % this.#speakers.length];
    if (speaker === undefined || !speaker.ws.isOpen) return;
    const id = randomUUID();
    if (this.#samples !== null) {
      this.#samples.waiting += 1;
      this.#waiting.set(id, { since: now, speaker, samples: this.#samples, isAcked: false, isSeen: false });
      this.#waiting.set(`${this.#turn}`, this.#waiting.get(id) as Waiting);
    }
    speaker.ws.send({ type: "publish", ref: this.#turn, room: speaker.room, id, text: "x".repeat(textBytes) });
  }

  async #listen(speaker: Speaker): Promise<void> {
    try {
      for (;;) {
        const frame = await speaker.ws.next(undefined, lateMs);
        const key = String(frame["id"] ?? frame["ref"]);
        const waiting = this.#waiting.get(key);
        if (waiting === undefined) continue;
        if (frame.type === "ack") waiting.isAcked = true;
        else if (frame.type === "event" && waiting.speaker !== speaker) waiting.isSeen = true;
        else if (frame.type === "error") waiting.samples.refused += 1;
        else continue;
        this.#waiting.delete(key);
        if (frame.type === "error") waiting.samples.waiting -= 1;
        else if (waiting.isAcked && waiting.isSeen) {
          waiting.samples.waiting -= 1;
          waiting.samples.tookMs.push(performance.now() - waiting.since);
        }
      }
    } catch {
      // The connection is closed: what waits for it shows in `measure`.
    }
  }
}

/** Connects everybody; they begin to talk at once. */
export function startChat(url: string, wsUrl: string, shape: ChatShape): Promise<Chat> {
  return startAll(async (owned) => {
    const people = await Promise.all(Array.from({ length: shape.people }, () => Person.arrive(url)));
    const owners = people.slice(0, shape.rooms);
    const rooms = await Promise.all(owners.map(async (person) => (await person.createRoom()).id));
    const speakers: Speaker[] = [];
    for (const [index, person] of people.entries()) {
      const room = rooms[index % rooms.length] ?? "";
      if (index >= rooms.length) await person.join(room);
      const ws = owned.use(await person.connect(wsUrl));
      await subscribe(ws, room);
      speakers.push({ ws, room });
    }
    return new Chat(owned, speakers, shape.messagesPerSecond);
  });
}
