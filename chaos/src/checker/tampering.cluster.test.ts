import { type Cluster, Person, query, type ReceivedFrame, startCluster } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "./check.ts";
import { History } from "./history.ts";
import { readStore } from "./read-store.ts";
import { Recorder } from "./recorder.ts";
import { settle } from "./settle.ts";
import { startTamperingProxy, type Tamper } from "./testing/tampering-proxy.ts";

/** The whole path with frames or rows that are tampered with: the verdict shows each change. */
const limits = {
  FRAMES_PER_SECOND: "10000",
  PUBLISHES_PER_SECOND: "10000",
  PUBLISHES_PER_SECOND_PER_USER: "10000",
  PUBLISHES_PER_SECOND_PER_ADDRESS: "10000",
};
const EVENTS = 40;

let cluster: Cluster;
let ada: Person;
let bob: Person;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 1, writers: 1, env: limits });
  [ada, bob] = await Promise.all([Person.arrive(cluster.url), Person.arrive(cluster.url)]);
});
afterAll(() => cluster?.stop());

function database(): string {
  const url = new URL(cluster.postgres.url);
  url.pathname = "/hubbub";
  return url.href;
}

interface Tampering {
  readonly down?: Tamper;
  readonly up?: Tamper;
  /** On the room's rows, before they are read. `$1`: the room. */
  readonly sql?: string;
}

/** Two people talk, one of them through the tamperer. Answers the kinds of anomalies. */
async function kindsUnder({ down, up, sql }: Tampering, waitMs = 10_000): Promise<string[]> {
  const { id: room } = await ada.createRoom();
  await bob.join(room);
  const gateway = `ws://127.0.0.1:${cluster.gateways[0]?.port}/ws`;
  await using proxy = await startTamperingProxy(gateway, { ...(down && { down }), ...(up && { up }) });
  const history = new History();
  const record = (person: Person, url: string) =>
    new Recorder({
      history,
      client: person.name,
      url: () => url,
      token: () => person.tokens.accessToken,
      rooms: [room],
    });
  await using left = record(ada, gateway);
  await using right = record(bob, proxy.url);
  await expect.poll(() => left.place(room).isLive && right.place(room).isLive).toBe(true);
  for (let index = 0; index < EVENTS; index += 1) (index % 2 === 0 ? left : right).publish(room, `text ${index}`);
  await settle([left, right], waitMs);
  if (sql !== undefined) await query(database(), sql, [room]);
  await readStore(database(), [room], history);
  const { anomalies, counts } = check(history);
  expect(counts).toMatchObject({ sent: EVENTS, present: 2 });
  return Object.keys(anomalies).sort();
}

/** Touches the nth message and leaves the rest alone. */
function nthEvent(nth: number, tamper: Tamper): Tamper {
  let count = 0;
  return (frame) => {
    if (frame.type !== "event" || frame["kind"] !== "message") return [frame];
    count += 1;
    return count === nth ? tamper(frame) : [frame];
  };
}

function swapped(): Tamper {
  let held: ReceivedFrame | null = null;
  const hold = nthEvent(10, (frame) => {
    held = frame;
    return [];
  });
  return (frame) => {
    if (held === null || frame.type !== "event") return hold(frame);
    const both = [frame, held];
    held = null;
    return both;
  };
}

const newer = "(select max(seq) from hubbub.events where room_id = $1)";
const third = "(select seq from hubbub.events where room_id = $1 and kind = 'message' order by seq offset 2 limit 1)";

test("nobody tampers: the verdict is clean", async () => {
  expect(await kindsUnder({})).toEqual([]);
});

test("a connection is cut again and again: the verdict is clean", async () => {
  let frames = 0;
  const down: Tamper = (frame) => {
    frames += 1;
    return frames % 20 === 0 ? "cut" : [frame];
  };
  // Each cut costs a reconnect with backoff: on a busy machine that adds up.
  expect(await kindsUnder({ down }, 60_000)).toEqual([]);
});

test.each<[string, Tampering, string[]]>([
  ["a frame is dropped", { down: nthEvent(10, () => []) }, ["unannouncedGap"]],
  ["a frame is doubled", { down: nthEvent(10, (frame) => [frame, frame]) }, ["duplicateDelivered"]],
  ["two frames are swapped", { down: swapped() }, ["reordered"]],
  ["a text is altered", { down: nthEvent(10, (frame) => [{ ...frame, text: "other" }]) }, ["altered"]],
  ["an id is altered", { down: nthEvent(10, (frame) => [{ ...frame, id: "other" }]) }, ["reusedSeq"]],
  ["an epoch is altered", { down: nthEvent(10, (frame) => [{ ...frame, epoch: 2 }]) }, ["historyDiffers"]],
  [
    "a mark is moved",
    { down: (frame) => [frame.type === "durable" ? { ...frame, seq: Number(frame["seq"]) + 1_000 } : frame] },
    ["markWithoutRow"],
  ],
  ["somebody else publishes in a client's name", { up: publishingOnce({ id: "forged", text: "forged" }) }, ["phantom"]],
  [
    "a row is deleted",
    { sql: `delete from hubbub.events where room_id = $1 and seq = ${third}` },
    ["lostAcked", "markWithoutRow"],
  ],
  [
    "a row is moved",
    { sql: `update hubbub.events set seq = ${newer} + 1 where room_id = $1 and seq = ${third}` },
    ["historyDiffers", "undelivered"],
  ],
  [
    "a row is renamed",
    { sql: `update hubbub.events set event_id = 'other' where room_id = $1 and seq = ${third}` },
    ["lostAcked", "phantom", "reusedSeq"],
  ],
  [
    "a row is stored twice",
    {
      sql: `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
        select room_id, ${newer} + 1, epoch, at, kind, user_id, event_id, text from hubbub.events
        where room_id = $1 and seq = ${third}`,
    },
    ["duplicateStored", "undelivered"],
  ],
])("%s: the verdict says so", async (_name, tampering, kinds) => {
  expect(await kindsUnder(tampering)).toEqual(kinds);
});

test("the last frames are dropped: the verdict says so", async () => {
  const isEvent = ({ type }: ReceivedFrame) => type === "event";
  let count = 0;
  const down: Tamper = (frame) => {
    if (isEvent(frame)) count += 1;
    return count > EVENTS / 2 && isEvent(frame) ? [] : [frame];
  };
  expect(await kindsUnder({ down }, 1_500)).toEqual(["undelivered"]);
});

function publishingOnce(forged: object): Tamper {
  let isDone = false;
  return (frame) => {
    if (isDone || frame.type !== "publish") return [frame];
    isDone = true;
    return [{ ...frame, ...forged, ref: 1_000_000 }, frame];
  };
}
