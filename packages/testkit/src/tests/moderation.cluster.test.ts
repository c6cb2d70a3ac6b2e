import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { SearchPage } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { eventually } from "../eventually.ts";
import { Person, publish, subscribe } from "../people.ts";
import { askRedis } from "../services/ask-redis.ts";
import { connectWs } from "../ws-client.ts";

/** Reports, the audit, presence and erasures across two gateways, with a real Redis, Postgres and writer. */
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, writers: 1 });
});
afterAll(() => cluster?.stop());

async function connect(person: Person, gateway: number) {
  const ws = await connectWs(`ws://127.0.0.1:${cluster.gateways[gateway]?.port}/ws`, {});
  ws.send({ type: "hello", ref: 0, token: person.tokens.accessToken, personal: true });
  await ws.next("ready");
  return ws;
}

async function call<Answer>(person: Person, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${cluster.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${person.tokens.accessToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return ([202, 204].includes(response.status) ? undefined : await response.json()) as Answer;
}

interface Entry {
  readonly act: string;
  readonly actor: string;
  readonly subject?: string;
  readonly seq?: number;
}

test("moderators on any gateway are told of a report, close it, and the audit has what they did", async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => Person.arrive(cluster.url)));
  const [owner, moderator, author, reporter] = people as [Person, Person, Person, Person];
  const { id: room } = await owner.createRoom();
  for (const person of [moderator, author, reporter]) await person.join(room);
  const moderatorId = moderator.tokens.user.id;
  await call(owner, "PUT", `/rooms/${room}/members/${moderatorId}`, { role: "moderator" });
  const [near, far, writing] = [
    await connect(owner, 0),
    await connect(moderator, 1),
    await connect(author, 0),
  ] as const;
  const told = (ws: typeof near) => ws.nextWhere(({ kind }) => kind === "report", "the news of a report");

  const seq = Number((await publish(writing, room, "rude words"))["seq"]);
  const made = await reporter.post<{ id: string }>(`/rooms/${room}/messages/${seq}/reports`, { reason: "abuse" });
  for (const ws of [near, far]) expect(await told(ws)).toMatchObject({ type: "personal", room, open: 1 });

  far.send({ type: "delete", ref: 7, room, id: randomUUID(), target: seq });
  expect(await far.nextWhere(({ ref }) => ref === 7, "the ack of the deletion")).toMatchObject({ type: "ack" });
  const queue = async () => (await call<{ reports: object[] }>(owner, "GET", `/rooms/${room}/reports`)).reports;
  await expect.poll(queue, { timeout: 5_000 }).toMatchObject([{ id: made.id, message: "rude words", deleted: true }]);
  await call(moderator, "PATCH", `/rooms/${room}/reports/${made.id}`, { state: "acted", note: "deleted" });
  for (const ws of [near, far]) expect(await told(ws)).toMatchObject({ room, open: 0 });
  expect(await queue()).toEqual([]);

  const { entries } = await call<{ entries: Entry[] }>(owner, "GET", `/rooms/${room}/audit`);
  const acts = entries.map(({ act, actor, subject, seq: of }) => ({ act, actor, subject, of }));
  const subject = author.tokens.user.id;
  expect(acts).toEqual([
    { act: "report_close", actor: moderatorId, subject, of: seq },
    { act: "message_delete", actor: moderatorId, subject, of: seq },
    { act: "role_set", actor: owner.tokens.user.id, subject: moderatorId, of: undefined },
  ]);
  for (const ws of [near, far, writing]) await ws.close();
});

/** From the ack of a change to the index. */
const INDEXED_WITHIN_MS = 2_000;

test("an edit and a deletion are in the index of the search 2 s after their acks", async () => {
  const ann = await Person.arrive(cluster.url);
  const { id: room } = await ann.createRoom();
  const ws = await connect(ann, 0);
  const target = Number((await publish(ws, room, "oolong before"))["seq"]);
  const found = async (word: string) => {
    const { results } = await call<SearchPage>(ann, "GET", `/search?q=${word}+in:${room}`);
    return results.map(({ text }) => text);
  };
  const documents = async () => {
    const rows = "select text from hubbub.search_documents where room_id = $1 and seq = $2";
    return (await query(cluster.databaseUrl, rows, [room, target])) as { text: string }[];
  };
  // The writer that indexes may still wait for its lease.
  await eventually(async () => expect(await found("before")).toEqual(["oolong before"]), { timeoutMs: 15_000 });
  const change = async (ref: number, rest: object): Promise<number> => {
    ws.send({ ref, room, id: randomUUID(), target, ...rest } as never);
    expect(await ws.nextWhere((frame) => frame["ref"] === ref, "the ack")).toMatchObject({ type: "ack" });
    return performance.now();
  };
  const edited = await change(21, { type: "edit", text: "sencha behind" });
  await eventually(async () => expect(await documents()).toMatchObject([{ text: expect.stringContaining("sencha") }]));
  expect(performance.now() - edited).toBeLessThan(INDEXED_WITHIN_MS);
  expect([await found("sencha"), await found("oolong")]).toEqual([["sencha behind"], []]);
  const deleted = await change(22, { type: "delete" });
  await eventually(async () => expect(await documents()).toEqual([]));
  expect(performance.now() - deleted).toBeLessThan(INDEXED_WITHIN_MS);
  expect(await found("sencha")).toEqual([]);
  await ws.close();
}, 30_000);

/** Of the lease of a gateway in the presence, and what the look itself takes. */
const LEASE_MS = 10_000 + 1_000;
const LOOK_MS = 100;

test("people of a killed gateway are offline within its lease, also when it is back; who returns in time never is", async () => {
  const [watching, staying, gone] = await Promise.all([1, 2, 3].map(() => Person.arrive(cluster.url)));
  if (watching === undefined || staying === undefined || gone === undefined) throw new Error("nobody came");
  const { id: room } = await watching.createRoom();
  for (const person of [staying, gone]) await person.join(room);
  const [here, first, second] = [await connect(watching, 0), await connect(staying, 1), await connect(gone, 1)];
  const users = [watching, staying, gone].map(({ tokens }) => tokens.user.id);
  const look = async () => {
    const { people } = await watching.post<{ people: { user: string; online: boolean }[] }>("/presence", { users });
    return users.map((id) => people.find(({ user }) => user === id)?.online);
  };
  await eventually(async () => expect(await look()).toEqual([true, true, true]));
  const killed = performance.now();
  await cluster.gateways[1]?.kill("SIGKILL");
  await Promise.all([first.closed, second.closed]);
  const back = await connect(staying, 0);
  let seen = await look();
  while (seen[2] !== false) {
    expect(seen.slice(0, 2)).toEqual([true, true]);
    expect(performance.now() - killed).toBeLessThan(LEASE_MS);
    await delay(LOOK_MS);
    seen = await look();
  }
  await cluster.ready();
  expect(await look()).toEqual([true, true, false]);
  for (const ws of [here, back]) await ws.close();
}, 30_000);

const SECRET = "walrus";

async function read({ tokens }: Person, path: string) {
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  const response = await fetch(`${cluster.url}/api/v1${path}`, { headers });
  return { status: response.status, text: await response.text() };
}

/** Its name and its content have the secret. */
async function upload({ tokens }: Person, room: string): Promise<string> {
  const query = new URLSearchParams({ id: randomUUID(), name: `${SECRET}.txt` });
  const headers = { authorization: `Bearer ${tokens.accessToken}`, "content-type": "text/plain" };
  const init = { method: "PUT", headers, body: `a ${SECRET}` };
  const response = await fetch(`${cluster.url}/api/v1/rooms/${room}/files?${query}`, init);
  return ((await response.json()) as { id: string }).id;
}

test("no text of an erased user is left in rows, files, tail and memories: a resume at either gateway has none", async () => {
  const [ann, bob] = await Promise.all([Person.arrive(cluster.url), Person.arrive(cluster.url)]);
  const { id: room } = await bob.createRoom();
  await ann.join(room);
  const live = [await connect(bob, 0), await connect(bob, 1)];
  const starts = await Promise.all(live.map((ws) => subscribe(ws, room)));
  const since = { seq: Number(starts[0]?.subscribed["head"]), epoch: Number(starts[0]?.subscribed["epoch"]) };
  const writing = await connect(ann, 0);
  for (let at = 0; at < 5; at++) await publish(writing, room, `a ${SECRET} ${at}`);
  const file = await upload(ann, room);
  await ann.post(`/rooms/${room}/messages`, { id: randomUUID(), text: `a ${SECRET} in a file`, files: [file] });
  const download = () => read(bob, `/rooms/${room}/files/${file}`);
  expect(await download()).toEqual({ status: 200, text: `a ${SECRET}` });
  await publish(live[1] as typeof writing, room, "of somebody else");
  const replay = async (gateway: number) => {
    const ws = await connect(bob, gateway);
    const { missed } = await subscribe(ws, room, since);
    await ws.close();
    return JSON.stringify(missed);
  };
  const tail = async () => {
    const keys = (await askRedis(cluster.redis.url, "KEYS", `*tail:${room}`)) as string[];
    return JSON.stringify(await Promise.all(keys.map((key) => askRedis(cluster.redis.url, "XRANGE", key, "-", "+"))));
  };
  for (const text of [await replay(0), await replay(1), await tail()]) expect(text).toContain(`a ${SECRET} 4`);
  await call<void>(ann, "DELETE", "/me", {});
  expect((await writing.closed).code).toBe(4501);
  const { id } = ann.tokens.user;
  // The eraser waits for what connections had sent; these have their acks.
  const age = "update hubbub.erasures set requested_at = requested_at - interval '1 minute' where user_id = $1";
  await query(cluster.databaseUrl, age, [id]);
  const isDone = "select 1 from hubbub.erasures where user_id = $1 and done_at is not null";
  await eventually(async () => expect(await query(cluster.databaseUrl, isDone, [id])).toHaveLength(1), {
    timeoutMs: 25_000,
  });
  for (const text of [await replay(0), await replay(1), JSON.stringify(await bob.history(room)), await tail()]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(ann.name);
  }
  for (const text of [await replay(0), await replay(1)]) {
    expect(text).toContain("of somebody else");
    expect(text.match(/"kind":"delete"/g)).toHaveLength(6);
  }
  expect((await download()).status).toBe(404);
  const rows = "select 1 from hubbub.events where room_id = $1 and text like $2";
  expect(await query(cluster.databaseUrl, rows, [room, `%${SECRET}%`])).toEqual([]);
  for (const ws of live) await ws.close();
}, 60_000);
