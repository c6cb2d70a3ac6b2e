import { setTimeout as sleep } from "node:timers/promises";
import { type EventId, newId, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { createPostgresStore, type Lease, type Store } from "@hubbub/store";
import type { Bench } from "../bench.ts";
import { type BenchGroup, compare } from "../measure/result.ts";
import { readUsage, usageBetween } from "../measure/usage.ts";
import { type Hubbub, startHubbub } from "../under-test/hubbub.ts";
import type { Person } from "../under-test/people.ts";
import { chanceOf, QUERIES, textOf } from "./search-texts.ts";

const MESSAGES = 1_000_000;
const BATCH = 500;
const ROOMS = 200;
const PEOPLE = 50;
/** Number of rooms that each user is in. The first user is in all rooms. */
const ROOMS_OF_ONE = 20;
const WINDOWS = 4;
const WINDOW_MS = 2_000;
const SEARCHES = 600;
const INDEX_DEADLINE_MS = 1_800_000;
const MS_PER_SECOND = 1_000;

/** A million messages: what a search takes, and what the index costs those who store. */
export async function measureSearch(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  await using hubbub = await startHubbub(bench, { gateways: 0, writers: 0 });
  const { databaseUrl: url } = hubbub;
  await using store = createPostgresStore({ url, poolMax: 4, statementTimeoutMs: 60_000, applicationName: "bench" });
  const people = await hubbub.people.create(PEOPLE);
  const rooms = await hubbub.people.createRooms(
    Array.from({ length: ROOMS }, (_, room) => people.filter((_one, at) => isMember(at, room))),
  );
  const appender = await Appender.open(store, rooms, people);
  bench.say(`search: storing ${MESSAGES} messages`);
  while (appender.stored < MESSAGES) await appender.append();
  bench.say("search: indexing them");
  const begun = performance.now();
  await hubbub.start("writer");
  await indexed(store);
  const indexSeconds = (performance.now() - begun) / MS_PER_SECOND;
  bench.say("search: searching");
  const searches = await timeSearches(hubbub, people);
  bench.say("search: appending with and without the index");
  const appends = await compareAppends(hubbub, store, appender);
  const at = (share: number) => searches.times[Math.floor(searches.times.length * share)] ?? Number.NaN;
  return {
    name: "search",
    title: "Search",
    date: new Date().toISOString(),
    conditions: [
      `${MESSAGES} messages of about 150 B in ${ROOMS} rooms; ${PEOPLE} users, one of them in all rooms, the others in ${ROOMS_OF_ONE}`,
      `${SEARCHES} searches over HTTP, one after the other: words that most, some and few messages have, parts of words, phrases, Chinese, operators, and what is not there`,
      `append: batches of ${BATCH} messages, one after the other, in ${WINDOWS} windows of ${WINDOW_MS / MS_PER_SECOND} s each, in turn with the journal and the indexer and without both`,
    ],
    rows: [
      compare({
        what: "search in a million messages, p95",
        unit: "ms",
        hubbub: { value: at(0.95), runs: [searches] },
        baseline: null,
        target: { direction: "at most", value: 100 },
        loss: searches.failed === 0 ? null : `${searches.failed} searches failed`,
        print: (value) => value.toFixed(1),
      }),
      compare({
        what: "append while the index follows",
        unit: "rows/s",
        hubbub: { value: appends.on.value, runs: appends.on.runs },
        baseline: { name: "without index and journal", ...appends.off },
        target: { direction: "at least", factor: 0.9 },
        loss: null,
        print: (value) => `${(value / 1e3).toFixed(1)} k`,
      }),
    ],
    notes: [
      `searches: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, longest ${at(0.9999).toFixed(1)} ms; ${searches.partial} of ${SEARCHES} pages ended at a bound`,
      `slowest: ${searches.slowest}`,
      `indexing all messages took ${indexSeconds.toFixed(0)} s (${(MESSAGES / indexSeconds / 1e3).toFixed(1)} k a second)`,
    ],
  };
}

function isMember(person: number, room: number): boolean {
  return person === 0 || (room + person * 7) % (ROOMS / ROOMS_OF_ONE) === 0;
}

/** Stores batches as a writer does. */
class Appender {
  readonly #store: Store;
  readonly #rooms: readonly RoomId[];
  readonly #people: readonly Person[];
  readonly #chance = chanceOf(1);
  #lease: Lease;
  #batches = 0;
  stored = 0;

  private constructor(store: Store, rooms: readonly RoomId[], people: readonly Person[], lease: Lease) {
    [this.#store, this.#rooms, this.#people, this.#lease] = [store, rooms, people, lease];
  }

  static async open(store: Store, rooms: readonly RoomId[], people: readonly Person[]): Promise<Appender> {
    // No shard of the cluster, so that its writer does not take it.
    const lease = await store.shards.acquire(999, "bench", 3_600_000);
    if (lease === null) throw new Error("the shard is taken");
    return new Appender(store, rooms, people, lease);
  }

  async append(): Promise<void> {
    const events = Array.from({ length: BATCH }, () => this.#message());
    const offset = `1-${++this.#batches}`;
    await this.#store.events.append({ lease: this.#lease, offset, events });
    this.#lease = { ...this.#lease, offset };
  }

  /** Milliseconds that the database took for it, without making the texts. */
  async timedAppend(): Promise<number> {
    const events = Array.from({ length: BATCH }, () => this.#message());
    const offset = `1-${++this.#batches}`;
    const begun = performance.now();
    await this.#store.events.append({ lease: this.#lease, offset, events });
    this.#lease = { ...this.#lease, offset };
    return performance.now() - begun;
  }

  #message(): RoomEvent {
    const nth = this.stored;
    this.stored += 1;
    const room = this.#rooms[Math.floor(this.#chance() ** 2 * this.#rooms.length)] ?? newId<RoomId>();
    const user = this.#people[Math.floor(this.#chance() * this.#people.length)]?.user ?? newId();
    return {
      ...{ type: "event", room, epoch: 1, seq: nth + 1, at: 1_700_000_000_000 + nth * 100, kind: "message" },
      ...{ by: { id: user, username: "" }, id: `bench-${nth}` as EventId, text: textOf(nth, this.#chance) },
    } as RoomEvent;
  }
}

async function indexed(store: Store): Promise<void> {
  const deadline = performance.now() + INDEX_DEADLINE_MS;
  for (;;) {
    const { lag, isComplete } = await store.searchIndex.status(1_000);
    if (lag === 0 && isComplete) return;
    if (performance.now() > deadline) throw new Error(`the index is ${lag} batches behind`);
    await sleep(MS_PER_SECOND);
  }
}

/** In turn. Without: no row of the journal, so nothing to index; but what is left of the window before is indexed first. */
async function compareAppends(hubbub: Hubbub, store: Store, appender: Appender) {
  const groups = [hubbub.postgres];
  const sides = { on: { rows: 0, ms: 0 }, off: { rows: 0, ms: 0 } };
  const runs = { on: [] as ReturnType<typeof usageBetween>[], off: [] as ReturnType<typeof usageBetween>[] };
  for (let window = 0; window < 2 * WINDOWS; window += 1) {
    const side = window % 2 === 0 ? "off" : "on";
    if (side === "off") await indexed(store);
    await hubbub.people.setJournal(side === "on");
    const before = readUsage(groups);
    const until = performance.now() + WINDOW_MS;
    while (performance.now() < until) {
      sides[side].ms += await appender.timedAppend();
      sides[side].rows += BATCH;
    }
    runs[side].push(usageBetween(before, readUsage(groups)));
  }
  await hubbub.people.setJournal(true);
  const resultOf = (side: "on" | "off") => ({
    value: (sides[side].rows / sides[side].ms) * MS_PER_SECOND,
    runs: runs[side],
  });
  return { on: resultOf("on"), off: resultOf("off") };
}

async function timeSearches(hubbub: Hubbub, people: readonly Person[]) {
  const { port } = await hubbub.start("api");
  const chance = chanceOf(2);
  const before = readUsage([hubbub.postgres]);
  const timed: { ms: number; what: string }[] = [];
  let [failed, partial] = [0, 0];
  for (let nth = 0; nth < SEARCHES; nth += 1) {
    const person = people[nth % 10 === 0 ? 0 : nth % people.length];
    const query = QUERIES[nth % QUERIES.length]?.(chance) ?? "";
    const begun = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/search?q=${encodeURIComponent(query)}`, {
      headers: { authorization: `Bearer ${person?.token}` },
    });
    const page = (await answer.json()) as { partial?: boolean };
    timed.push({ ms: performance.now() - begun, what: query });
    if (!answer.ok) failed += 1;
    if (page.partial === true) partial += 1;
  }
  timed.sort((one, other) => one.ms - other.ms);
  const slowest = timed.slice(-5).map(({ ms, what }) => `${what} ${ms.toFixed(0)} ms`);
  const { machine } = usageBetween(before, readUsage([hubbub.postgres]));
  return { times: timed.map(({ ms }) => ms), slowest: slowest.join("; "), failed, partial, machine };
}
