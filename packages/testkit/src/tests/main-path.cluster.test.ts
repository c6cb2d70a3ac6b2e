import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { eventually } from "../eventually.ts";
import { Person, publish, receive, subscribe, tryPublish } from "../people.ts";

/** The whole path, through nginx, on two gateways and two writers with a real Redis and Postgres. */
const COOKIES_TRIED = 50;
/** Limits are not the subject here. */
const unhurried = {
  PUBLISHES_PER_SECOND: "10000",
  FRAMES_PER_SECOND: "10000",
  PUBLISHES_PER_SECOND_PER_USER: "10000",
  PUBLISHES_PER_SECOND_PER_ADDRESS: "10000",
};

let cluster: Cluster;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  const env = { WRITER_LEASE_MS: "1500", ZONE_DRAIN_MS: "500", ...unhurried };
  cluster = await startCluster({ gateways: 2, writers: 2, apis: 2, zones: ["a", "b"], env });
  [ada, bob] = await Promise.all([Person.arrive(cluster.url), Person.arrive(cluster.url)]);
  await findCookies();
});
afterAll(() => cluster?.stop());

/** Values of the sticky cookie that lead to the one and to the other gateway, as a browser would keep them. */
const cookies: string[] = [];

/** What each gateway calls itself in `ready`: an id of chance, which its own port tells. */
const nodes: string[] = [];

async function findCookies(): Promise<void> {
  for (const { port } of cluster.gateways) {
    const { ws, node } = await ada.enter(`ws://127.0.0.1:${port}/ws`, "");
    nodes.push(node);
    await ws.close();
  }
  const byNode = new Map<string, string>();
  for (let value = 0; byNode.size < cluster.gateways.length && value < COOKIES_TRIED; value += 1) {
    const { ws, node } = await ada.enter(cluster.wsUrl, `browser-${value}`);
    byNode.set(node, `browser-${value}`);
    await ws.close();
  }
  cookies.push(...nodes.map((node) => byNode.get(node) ?? "missing"));
}

/** Through nginx to one of the gateways. */
const via = (person: Person, index: number) => person.connect(cluster.wsUrl, cookies[index]);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function roomOfBoth(): Promise<string> {
  const { id } = await ada.createRoom();
  await bob.join(id);
  return id;
}

test("every process tells Postgres what it is, so that a migration spares what it uses", async () => {
  const client = new pg.Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(`select roles, build, count(distinct name)::int as processes,
      bool_and(knows = (select max(created_at) from hubbub.schema_version)) as knows_all
      from hubbub.nodes where expires_at > now() group by roles, build order by roles`);
    const build = expect.stringMatching(/^\d+\.\d+\.\d+/);
    const known = { build, knows_all: true };
    expect(rows).toEqual([
      { roles: "api,flows,jobs", processes: cluster.apis.length, ...known },
      { roles: "gateway", processes: cluster.gateways.length, ...known },
      { roles: "writer", processes: cluster.writers.length, ...known },
    ]);
  } finally {
    await client.end();
  }
});

test("the sticky cookie leads to the same gateway again, and the two gateways are both used", async () => {
  expect(new Set(cookies)).not.toContain("missing");
  for (const [index, cookie] of cookies.entries()) {
    const { ws, node } = await ada.enter(cluster.wsUrl, cookie);
    expect(node).toBe(nodes[index]);
    await ws.close();
  }
});

test("G1 G4 what two people on two gateways say comes to both in one order, acked and then durable", async () => {
  const room = await roomOfBoth();
  const [left, right] = await Promise.all([via(ada, 0), via(bob, 1)]);
  await Promise.all([subscribe(left, room), subscribe(right, room)]);
  const acks = await Promise.all(
    range(200).map((index) => publish(index % 2 === 0 ? left : right, room, `message ${index}`)),
  );
  const [seenLeft, seenRight] = await Promise.all([receive(left, 200), receive(right, 200)]);
  const seqs = seenLeft.map((event) => Number(event["seq"]));
  expect(seenRight).toEqual(seenLeft);
  expect(seqs).toEqual(range(200).map((index) => (seqs[0] ?? Number.NaN) + index));
  expect(new Set(acks.map((ack) => ack["seq"]))).toEqual(new Set(seqs));
  await left.nextWhere(
    (frame) => frame.type === "durable" && Number(frame["seq"]) >= (seqs.at(-1) ?? Number.NaN),
    "the mark",
  );
  const page = await ada.history(room);
  expect(page.messages.filter(({ kind }) => kind === "message").map(({ seq }) => seq)).toEqual(seqs);
  await Promise.all([left.close(), right.close()]);
});

test("history has an event the moment it is acked, committed or not", async () => {
  const room = await roomOfBoth();
  const ws = await ada.connect(cluster.wsUrl);
  for (const index of range(20)) {
    const ack = await publish(ws, room, `now ${index}`);
    const page = await bob.history(room, "limit=1");
    expect(page.messages.map(({ seq }) => seq)).toEqual([ack["seq"]]);
  }
  await ws.close();
});

test("G5 a client resumes on the other gateway: what it missed, in order, and nothing twice", async () => {
  const room = await roomOfBoth();
  const [speaker, listener] = await Promise.all([via(ada, 0), via(bob, 0)]);
  await subscribe(listener, room);
  const before = await publish(speaker, room, "before");
  await receive(listener, 1);
  listener.terminate();
  for (const index of range(50)) await publish(speaker, room, `missed ${index}`);
  const elsewhere = await via(bob, 1);
  const since = { seq: Number(before["seq"]), epoch: Number(before["epoch"]) };
  const { subscribed, missed } = await subscribe(elsewhere, room, since);
  await publish(speaker, room, "after");
  const live = await receive(elsewhere, 1);
  expect(subscribed).toMatchObject({ recovered: true });
  expect([...missed, ...live].map((event) => event["text"])).toEqual([
    ...range(50).map((index) => `missed ${index}`),
    "after",
  ]);
  await Promise.all([speaker.close(), elsewhere.close()]);
});

test("G3 an event sent again, on another gateway and over HTTP, keeps its seq and is delivered once", async () => {
  const room = await roomOfBoth();
  const [left, right, listener] = await Promise.all([via(ada, 0), via(ada, 1), via(bob, 1)]);
  await subscribe(listener, room);
  const first = await publish(left, room, "once", "the-same-id");
  const again = await publish(right, room, "once", "the-same-id");
  const overHttp = await ada.post<{ seq: number }>(`/rooms/${room}/messages`, { id: "the-same-id", text: "once" });
  await publish(left, room, "last");
  expect(again).toMatchObject({ type: "ack", seq: first["seq"], duplicate: true });
  expect(overHttp).toMatchObject({ seq: first["seq"], duplicate: true });
  expect((await receive(listener, 2)).map((event) => event["text"])).toEqual(["once", "last"]);
  await Promise.all([left.close(), right.close(), listener.close()]);
});

test("G2 a killed writer is followed by the other within the lease, and nothing acked is missing", async () => {
  const rooms = await Promise.all(range(8).map(() => roomOfBoth()));
  const ws = await ada.connect(cluster.wsUrl);
  const [writer] = cluster.writers;
  const acked = new Map(rooms.map((room) => [room, [] as unknown[]]));
  for (const index of range(40)) {
    if (index === 15) writer?.kill("SIGKILL");
    for (const room of rooms) acked.get(room)?.push((await publish(ws, room, `${index}`))["seq"]);
  }
  await Promise.all(rooms.map((room) => subscribe(ws, room)));
  const newest = await Promise.all(rooms.map((room) => publish(ws, room, "durable?")));
  await eventually(
    async () => {
      for (const [index, room] of rooms.entries()) {
        const mark = ws.queued.some(
          (frame) =>
            frame.type === "durable" &&
            frame["room"] === room &&
            Number(frame["seq"]) >= Number(newest[index]?.["seq"]),
        );
        expect(mark).toBe(true);
      }
    },
    { timeoutMs: 15_000 },
  );
  for (const room of rooms) {
    const { messages } = await bob.history(room);
    const seqs = messages.filter(({ kind }) => kind === "message").map(({ seq }) => seq);
    expect(seqs.slice(0, -1)).toEqual(acked.get(room));
  }
  await ws.close();
});

test("a killed gateway's client comes back through the front and misses nothing", async () => {
  const room = await roomOfBoth();
  const speaker = await via(ada, 1);
  const listener = await via(bob, 0);
  const { subscribed } = await subscribe(listener, room);
  cluster.gateways[0]?.kill("SIGKILL");
  await listener.closed;
  const ack = await publish(speaker, room, "while away");
  const back = await bob.connect(cluster.wsUrl);
  const since = { seq: Number(subscribed["head"]), epoch: Number(subscribed["epoch"]) };
  const { missed } = await subscribe(back, room, since);
  expect(missed.map((event) => event["seq"])).toEqual([ack["seq"]]);
  await Promise.all([speaker.close(), back.close()]);
  await cluster.ready();
});

test("while Redis is away what is committed can be read, marked as a part, by those whose session stands", async () => {
  const room = await roomOfBoth();
  const eve = await Person.arrive(cluster.url);
  await eve.join(room);
  const ws = await ada.connect(cluster.wsUrl);
  await subscribe(ws, room);
  const { seq } = await publish(ws, room, "committed");
  await ws.nextWhere((frame) => frame.type === "durable" && Number(frame["seq"]) >= Number(seq), "the mark");
  await eve.logout();
  await cluster.redis.kill();
  const page = await bob.history(room, "limit=1");
  expect(page).toMatchObject({ messages: [{ seq, text: "committed" }], head: seq, partial: true });
  await expect(eve.history(room)).rejects.toThrow("session_revoked");
  await cluster.redis.restart();
  await cluster.ready();
  await eventually(async () => expect(await bob.history(room)).not.toHaveProperty("partial"));
  await ws.close();
});

test("G10 a drained zone gives up its clients and shards, loses nothing, and serves again after the undo", async () => {
  const room = await roomOfBoth();
  const [inside, outside] = [await via(ada, 0), await via(bob, 1)];
  await subscribe(outside, room);
  const { seq } = await publish(inside, room, "before");
  expect(await cluster.command("drain", "--zone", "a")).toContain("zone a is drained");
  expect((await inside.closed).code).toBe(4001);
  const { ws, node } = await ada.enter(cluster.wsUrl, cookies[0]);
  expect(node).toBe(nodes[1]);
  const second = await publish(ws, room, "during");
  await outside.nextWhere(
    (frame) => frame.type === "durable" && Number(frame["seq"]) >= Number(second["seq"]),
    "the mark",
  );
  const readiness = [...cluster.gateways, ...cluster.writers, ...cluster.apis].map(async ({ name, url }) => {
    const { reasons } = (await (await fetch(`${url}/readyz`)).json()) as { reasons: string[] };
    return [name, reasons.join()];
  });
  const drained = "zone a is drained";
  expect(Object.fromEntries(await Promise.all(readiness))).toEqual({
    ...{ "gateway-1": drained, "gateway-2": "", "writer-1": drained, "writer-2": "", "api-1": drained, "api-2": "" },
  });
  expect(await cluster.command("drain", "--zone", "a", "--undo")).toContain("zone a serves");
  await cluster.ready();
  const metrics = async () => await (await fetch(`${cluster.writers[0]?.url}/metrics`)).text();
  await eventually(async () => expect(await metrics()).toMatch(/^hubbub_writer_leases [1-9]/m));
  const { ws: back, node: again } = await ada.enter(cluster.wsUrl, cookies[0]);
  expect(again).not.toBe(nodes[1]);
  const third = await publish(back, room, "after");
  expect([second["seq"], third["seq"]]).toEqual([Number(seq) + 1, Number(seq) + 2]);
  const said = ["before", "during", "after"].map((text) => expect.objectContaining({ text }));
  await eventually(async () => expect((await bob.history(room)).messages.slice(-3)).toEqual(said));
  await Promise.all([ws.close(), back.close(), outside.close()]);
});

test("a logout closes the session's connections on every gateway, and the token is refused from then on", async () => {
  const eve = await Person.arrive(cluster.url);
  const [left, right] = await Promise.all([via(eve, 0), via(eve, 1)]);
  await eve.logout();
  expect((await Promise.all([left.closed, right.closed])).map(({ code }) => code)).toEqual([4501, 4501]);
  await expect(via(eve, 0)).rejects.toThrow("4501");
});

test("who leaves a room hears no more of it, on any connection", async () => {
  const room = await roomOfBoth();
  const [speaker, listener] = await Promise.all([via(ada, 0), via(bob, 1)]);
  await subscribe(listener, room);
  await fetch(`${cluster.url}/api/v1/rooms/${room}/leave`, {
    method: "POST",
    headers: { authorization: `Bearer ${bob.tokens.accessToken}` },
  });
  await listener.next("removed");
  await publish(speaker, room, "secret");
  expect(await tryPublish(listener, room, "still here")).toMatchObject({ type: "error", code: "not_member" });
  expect(listener.queued.filter((frame) => frame["text"] === "secret")).toEqual([]);
  await Promise.all([speaker.close(), listener.close()]);
});

test("gateways hear of a removal whose process died behind the commit, and of a deletion while Redis was away", async () => {
  const [left, deleted] = [await roomOfBoth(), await roomOfBoth()];
  const listener = await via(bob, 1);
  for (const room of [left, deleted]) await subscribe(listener, room);
  const client = new pg.Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  await client.query("delete from hubbub.members where room_id = $1 and user_id = $2", [left, bob.tokens.user.id]);
  await client.end();
  expect(await listener.next("removed")).toMatchObject({ room: left });
  await cluster.redis.kill();
  const headers = { authorization: `Bearer ${ada.tokens.accessToken}` };
  const remove = () => fetch(`${cluster.url}/api/v1/rooms/${deleted}`, { method: "DELETE", headers });
  expect((await remove()).status).toBe(503);
  await cluster.redis.restart();
  await cluster.ready();
  await listener.nextWhere((frame) => frame.type === "removed" && frame["room"] === deleted, "the removal");
  expect((await remove()).status).toBe(204);
  await listener.close();
});
