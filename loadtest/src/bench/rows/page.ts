import type { RoomId } from "@hubbub/protocol";
import type { Bench } from "../bench.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { type BenchGroup, compare } from "../measure/result.ts";
import { readUsage, type UsageBetween, usageBetween } from "../measure/usage.ts";
import { startHubbub } from "../under-test/hubbub.ts";
import type { People, Person } from "../under-test/people.ts";

const MESSAGES = 10_000_000;
const ROOMS = 10;
const MESSAGES_OF_ROOM = MESSAGES / ROOMS;
const PEOPLE = 50;
const REACTIONS = 5;
const PAGE = 50;
/** Of each of the two rooms. */
const PAGES = 600;
const WARMUP = 100;
const PAGES_OF_TURN = 25;

type Side = "plain" | "changed";

interface Read {
  /** Milliseconds of each page. */
  readonly times: number[];
  readonly runs: UsageBetween[];
}

interface Asked {
  readonly port: number;
  readonly groups: readonly ProcessGroup[];
  readonly reader: Person | undefined;
}

/** Ten million messages: a page of messages with reactions, replies and edits, against a page without. */
export async function measurePage(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  await using hubbub = await startHubbub(bench, { gateways: 0, writers: 0 });
  const people = await hubbub.people.create(PEOPLE);
  const rooms = await hubbub.people.createRooms(Array.from({ length: ROOMS }, () => people));
  bench.say(`page: storing ${MESSAGES} messages`);
  await fill(hubbub.people, rooms, people);
  bench.say("page: reading");
  const [plain = "" as RoomId, changed = plain] = rooms;
  const { pid, port } = await hubbub.start("api");
  const groups = [hubbub.postgres, hubbub.redis, { name: "api", roots: [pid] }];
  const read = await readPages({ port, groups, reader: people[0] }, { plain, changed });
  const row = (share: number) =>
    compare({
      what: `page of ${PAGE} messages with reactions, replies and edits, p${share * 100}`,
      unit: "ms",
      hubbub: { value: at(read.changed.times, share), runs: read.changed.runs },
      baseline: { name: "messages without", value: at(read.plain.times, share), runs: read.plain.runs },
      target: { direction: "at most", factor: 2 },
      loss: read.failed === 0 ? null : `${read.failed} pages were wrong`,
      print: (value) => value.toFixed(2),
    });
  const cpu = compare({
    what: `page of ${PAGE} messages with reactions, replies and edits`,
    unit: "CPU ms of api, Redis and Postgres",
    hubbub: { value: cpuMsOf(read.changed), runs: read.changed.runs },
    baseline: { name: "messages without", value: cpuMsOf(read.plain), runs: read.plain.runs },
    target: null,
    loss: null,
    print: (value) => value.toFixed(2),
  });
  return {
    name: "page",
    title: "Pages of history",
    date: new Date().toISOString(),
    conditions: [
      `${MESSAGES} messages of 200 B in ${ROOMS} rooms; all messages of one room were edited, have ${REACTIONS} reactions of three kinds, and replies; nothing has changed those of the others`,
      `${PAGES} pages of each of two rooms over HTTP, before a random message, one after the other, ${PAGES_OF_TURN} of each room in turn; the first ${WARMUP} of each do not count`,
    ],
    rows: [row(0.5), row(0.95), cpu],
    notes: [`p99 ${at(read.changed.times, 0.99).toFixed(2)} ms, without ${at(read.plain.times, 0.99).toFixed(2)} ms`],
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

/** All rooms, and what changed the messages of the second one. */
async function fill(people: People, rooms: readonly RoomId[], authors: readonly Person[]): Promise<void> {
  const users = authors.map(({ user }) => user);
  for (const room of rooms)
    await people.fill(
      `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
       select $1, n, 1, 1700000000000 + n, 'message', ($2::uuid[])[n % ${PEOPLE} + 1], 'e' || n, rpad('text ' || n, 200, ' word')
       from generate_series(1, ${MESSAGES_OF_ROOM}) n`,
      [room, users],
    );
  const changed = rooms[1];
  await people.fill(
    `insert into hubbub.message_state (room_id, seq, text, edited_seq, edited_at, edits, reply_count, last_reply_seq)
     select $1, n, rpad('edited ' || n, 200, ' word'), n + 1, 1700000000000 + n, 1, 3, n + 5
     from generate_series(1, ${MESSAGES_OF_ROOM}) n`,
    [changed],
  );
  await people.fill(
    `insert into hubbub.reactions (room_id, seq, emoji, user_id, added_seq)
     select $1, n, (array['👍', '🎉', '❤️'])[r % 3 + 1], ($2::uuid[])[(n + r) % ${PEOPLE} + 1], n + r
     from generate_series(1, ${MESSAGES_OF_ROOM}) n, generate_series(1, ${REACTIONS}) r`,
    [changed, users],
  );
  for (const table of ["events", "message_state", "reactions"]) await people.fill(`vacuum analyze hubbub.${table}`, []);
}

function cpuMsOf({ runs }: Read): number {
  const seconds = runs.flatMap(({ cpu }) => Object.values(cpu)).reduce((sum, one) => sum + one, 0);
  return (seconds * 1_000) / PAGES;
}

/** In turn; the times are sorted. */
async function readPages(asked: Asked, rooms: Record<Side, RoomId>) {
  const read: Record<Side, Read> = { plain: { times: [], runs: [] }, changed: { times: [], runs: [] } };
  let failed = 0;
  for (let nth = 0; nth < WARMUP + PAGES; nth += PAGES_OF_TURN) {
    for (const side of ["plain", "changed"] as const) {
      const begun = readUsage(asked.groups);
      const times: number[] = [];
      for (let page = 0; page < PAGES_OF_TURN; page += 1) {
        const { ms, isRight } = await readPage(asked, rooms[side], side);
        times.push(ms);
        if (!isRight) failed += 1;
      }
      if (nth < WARMUP) continue;
      read[side].times.push(...times);
      read[side].runs.push(usageBetween(begun, readUsage(asked.groups)));
    }
  }
  for (const { times } of Object.values(read)) times.sort((one, other) => one - other);
  return { ...read, failed };
}

async function readPage({ port, reader }: Asked, room: RoomId, side: Side) {
  const before = PAGE + 1 + Math.floor(Math.random() * (MESSAGES_OF_ROOM - PAGE));
  const begun = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/rooms/${room}/messages?limit=${PAGE}&before=${before}`, {
    headers: { authorization: `Bearer ${reader?.token}` },
  });
  const page = (await answer.json()) as { messages?: unknown[]; states?: unknown[] };
  const ms = performance.now() - begun;
  const states = side === "plain" ? 0 : PAGE;
  return { ms, isRight: page.messages?.length === PAGE && (page.states?.length ?? 0) === states };
}
