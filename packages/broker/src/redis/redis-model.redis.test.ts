import { type EventId, newId, type RoomId } from "@hubbub/protocol";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { message, newRoom, SHARDS } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import { createKeys } from "../keys.ts";
import type { Broker } from "../roles/broker.ts";
import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";
import type { ShardLog } from "../roles/shard-logs.ts";

const ROOMS = 3;
const TAIL_EVENTS = 20;
const WINDOW_SECONDS = 600;

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject("redisUrl"), { protocol: 2 });
});
afterAll(() => redis.disconnect());

interface Sent {
  readonly seq: number;
  /** Seconds of the log's clock. */
  readonly at: number;
}

/** One shard, what was sent to it, and what a writer of it has read. */
class Shard {
  readonly #broker: Broker;
  readonly #log: ShardLog;
  readonly #counters: string;
  readonly #rooms = Array.from({ length: ROOMS }, newRoom);
  readonly #taken = new Map<RoomId, EventId[]>(this.#rooms.map((room) => [room, []]));
  readonly #newest = new Map<EventId, Sent>();
  readonly #requests: AcceptRequest[] = [];
  readonly #read = new Map<RoomId, EventId[]>(this.#rooms.map((room) => [room, []]));
  readonly #durable = new Map<RoomId, number>();
  #offset = "";
  #now = 0;

  constructor(broker: Broker, log: ShardLog, prefix: string) {
    this.#broker = broker;
    this.#log = log;
    this.#counters = createKeys(prefix, SHARDS).counters(0);
  }

  async begin(): Promise<void> {
    for (const room of this.#rooms) await this.#broker.initialise(room, { epoch: 1, head: 0 });
  }

  /** `again`: an event that was sent before, if there were so many. */
  async accept(picks: readonly { room: number; again: number }[]): Promise<void> {
    const batch = picks.map((pick) => this.#requests[pick.again] ?? message(this.#room(pick.room), "text"));
    const results = await this.#broker.accept(0, batch);
    for (const [at, request] of batch.entries()) this.#judge(request, results[at]);
  }

  async read(count: number): Promise<void> {
    const page = await this.#log.read(this.#offset, count, 0);
    expect(page.length).toBe(Math.min(count, this.#unread));
    for (const { frame } of page) {
      const { room, seq, id } = JSON.parse(frame);
      expect(this.#read.get(room)?.push(id)).toBe(seq);
    }
    this.#offset = page.at(-1)?.offset ?? this.#offset;
    expect(await this.#log.lag(this.#offset)).toBe(this.#unread);
  }

  /** Everything that was read counts as committed. */
  async commit(): Promise<void> {
    if (this.#offset !== "") await this.#log.trim(this.#offset);
    for (const [room, { length }] of this.#read) this.#durable.set(room, length);
    await this.#broker.publishMarks(
      0,
      [...this.#durable].map(([room, seq]) => ({ room, seq })),
    );
  }

  async pass(seconds: number): Promise<void> {
    this.#now += seconds;
    await redis.hincrby(this.#counters, "ms", seconds * 1_000);
  }

  async tail(index: number, back: number, limit: number): Promise<void> {
    const room = this.#room(index);
    const ids = this.#taken.get(room) ?? [];
    const oldestKept = Math.min((this.#durable.get(room) ?? 0) + 1, Math.max(ids.length - TAIL_EVENTS + 1, 1));
    const after = Math.max(ids.length - back, oldestKept - 1);
    const events = await this.#broker.tail(room, after, limit);
    expect(events.map(({ frame }) => JSON.parse(frame.toString()).id)).toEqual(ids.slice(after, after + limit));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, at) => after + 1 + at));
  }

  async finish(): Promise<void> {
    while (this.#unread > 0) await this.read(33);
    expect(this.#read).toEqual(this.#taken);
  }

  get #unread(): number {
    const total = (events: ReadonlyMap<RoomId, EventId[]>) => [...events.values()].flat().length;
    return total(this.#taken) - total(this.#read);
  }

  #room(index: number): RoomId {
    return this.#rooms[index] ?? newId<RoomId>();
  }

  #judge(request: AcceptRequest, result: AcceptResult | undefined): void {
    const earlier = this.#newest.get(request.id);
    if (result?.state === "duplicate") {
      expect(result.seq).toBe(earlier?.seq);
      return;
    }
    expect(result?.state).toBe("accepted");
    if (result?.state !== "accepted") return;
    if (earlier !== undefined) expect(this.#now - earlier.at).toBeGreaterThan(WINDOW_SECONDS);
    expect(this.#taken.get(request.room)?.push(request.id)).toBe(result.seq);
    this.#newest.set(request.id, { seq: result.seq, at: this.#now });
    this.#requests.push(request);
  }
}

const pick = fc.record({ room: fc.nat(ROOMS - 1), again: fc.nat(400) });
const step = fc.oneof(
  fc.array(pick, { minLength: 1, maxLength: 80, size: "max" }).map((picks) => (shard: Shard) => shard.accept(picks)),
  fc.integer({ min: 1, max: 70 }).map((count) => (shard: Shard) => shard.read(count)),
  fc.constant((shard: Shard) => shard.commit()),
  fc.integer({ min: 1, max: 400 }).map((seconds) => (shard: Shard) => shard.pass(seconds)),
  fc
    .tuple(fc.nat(ROOMS - 1), fc.nat(100), fc.integer({ min: 1, max: 50 }))
    .map((asked) => (shard: Shard) => shard.tail(...asked)),
);

test.each([0, 30])(
  "G1 G2 G3 G5 however batches, pages, commits and time fall, with %i events kept for replay",
  async (replayMaxEvents) => {
    const steps = fc.array(step, { minLength: 10, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const prefix = `test:${newId()}:`;
        const replay = { replayWindowMs: replayMaxEvents === 0 ? 0 : WINDOW_SECONDS * 1_000, replayMaxEvents };
        await using broker = openOnRedis({ prefix, backlogMaxEvents: 10_000, tailEvents: TAIL_EVENTS, ...replay });
        await using log = await broker.openLog(0);
        const shard = new Shard(broker, log, prefix);
        await shard.begin();
        for (const run of all) await run(shard);
        await shard.finish();
      }),
      { numRuns: 40, endOnFailure: true },
    );
  },
);
