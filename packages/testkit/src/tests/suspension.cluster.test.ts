import { randomUUID } from "node:crypto";
import { get, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { ANNOUNCEMENTS_ROOM, type HistoryPage, newId, type Problem, type Tokens } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { Person, publish } from "../people.ts";
import { connectWs, type WsClient } from "../ws-client.ts";

/** From the suspension to the end of all connections, on every gateway. */
const CLOSED_WITHIN_MS = 200;
const SESSION_REVOKED = 4501;
const PASSWORD = "correct horse";

/** Low, for the tests of abuse. */
const LIMITS = {
  FRAMES_PER_SECOND: "40",
  PUBLISHES_PER_SECOND: "20",
  PUBLISHES_PER_SECOND_PER_USER: "20",
  PUBLISHES_PER_SECOND_PER_ROOM: "30",
  CONNECTIONS_PER_ADDRESS: "12",
};

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, writers: 1, env: LIMITS });
});
afterAll(() => cluster?.stop());

async function call(method: string, path: string, body?: object, token?: string) {
  const response = await fetch(`${cluster.url}/api/v1${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Tokens & Problem };
}

async function signup(): Promise<Person> {
  const username = `user-${randomUUID().slice(0, 8)}`;
  const { body } = await call("POST", "/auth/signup", { username, password: PASSWORD });
  return new Person(cluster.url, body);
}

/** Connects the person to each gateway. `closing`: when each connection was closed, Unix ms, and with which code. */
async function connectAll(person: Person) {
  const all = await Promise.all(cluster.gateways.map(({ port }) => person.connect(`ws://127.0.0.1:${port}/ws`, "")));
  expect(all).toHaveLength(2);
  const closing = Promise.all(all.map(async ({ closed }) => ({ code: (await closed).code, at: Date.now() })));
  return { closing };
}

async function suspendedAt(person: Person): Promise<number> {
  const asked = "select extract(epoch from created_at) * 1000 as at from hubbub.suspensions where user_id = $1";
  const [row] = await query(cluster.databaseUrl, asked, [person.tokens.user.id]);
  return Number((row as { at: string }).at);
}

test("a suspension over HTTP closes the connections on both gateways within 200 ms, and unsuspending lets in again", async () => {
  const [helper, mallory] = [await signup(), await signup()];
  await cluster.command("admin", "grant", helper.name, "support");
  const { closing } = await connectAll(mallory);
  const other = await helper.connect(`ws://127.0.0.1:${cluster.gateways[0]?.port}/ws`, "");
  const began = Date.now();
  const path = `/admin/users/${mallory.tokens.user.id}/suspension`;
  const answer = await call("POST", path, { reason: "spam" }, helper.tokens.accessToken);
  expect(answer.status).toBe(204);
  for (const { code, at } of await closing) {
    expect(code).toBe(SESSION_REVOKED);
    expect(at - began).toBeLessThan(CLOSED_WITHIN_MS);
  }
  expect((await call("GET", "/me", undefined, mallory.tokens.accessToken)).body.code).toBe("session_revoked");
  const login = () => call("POST", "/auth/login", { username: mallory.name, password: PASSWORD });
  expect((await login()).body.code).toBe("account_suspended");
  expect((await call("DELETE", path, undefined, helper.tokens.accessToken)).status).toBe(204);
  expect((await login()).status).toBe(200);
  other.send({ type: "ping", ref: 7 } as never);
  expect((await other.next("pong"))["ref"]).toBe(7);
});

test("hubbub admin suspend closes the connections on both gateways within 200 ms", async () => {
  const mallory = await Person.arrive(cluster.url);
  const { closing } = await connectAll(mallory);
  const said = await cluster.command("admin", "suspend", mallory.name, "--reason", "spam", "--json");
  expect(JSON.parse(said)).toMatchObject({ kind: "done", sessions: 1, told: true });
  const began = await suspendedAt(mallory);
  for (const { code, at } of await closing) {
    expect(code).toBe(SESSION_REVOKED);
    expect(at - began).toBeLessThan(CLOSED_WITHIN_MS);
  }
  const answer = await call("GET", "/me", undefined, mallory.tokens.accessToken);
  expect(answer).toMatchObject({ status: 401, body: { code: "session_revoked" } });
});

test("a role that the operator takes away opens nothing from the next request on", async () => {
  const helper = await signup();
  const list = async () => (await call("GET", "/admin/users", undefined, helper.tokens.accessToken)).status;
  expect(await list()).toBe(403);
  await cluster.command("admin", "grant", helper.name, "admin");
  expect(await list()).toBe(200);
  await cluster.command("admin", "revoke-role", helper.name);
  expect(await list()).toBe(403);
});

test("what an admin announces, or the operator, reaches everybody on both gateways, and nobody else writes there", async () => {
  const [admin, guest] = [await signup(), await Person.arrive(cluster.url)];
  const room = ANNOUNCEMENTS_ROOM;
  const listeners = await Promise.all(
    cluster.gateways.map(({ port }) => guest.connect(`ws://127.0.0.1:${port}/ws`, "")),
  );
  for (const [ref, ws] of listeners.entries()) {
    ws.send({ type: "subscribe", ref, room } as never);
    await ws.next("subscribed");
  }
  const announce = (who: Person, body: object) => call("POST", "/admin/announcements", body, who.tokens.accessToken);
  const message = { id: newId(), text: "we restart at noon" };
  expect((await announce(admin, message)).status).toBe(403);
  await cluster.command("admin", "grant", admin.name, "admin");
  expect((await announce(admin, message)).status).toBe(201);
  expect((await announce(admin, message)).status).toBe(200);
  const said = await cluster.command("admin", "announce", admin.name, "we are back", "--json");
  expect(JSON.parse(said)).toMatchObject({ kind: "done", room, seq: expect.any(Number) });
  for (const ws of listeners)
    for (const text of ["we restart at noon", "we are back"])
      expect(await ws.next("event")).toMatchObject({ room, text, by: { username: admin.name } });

  const late = await Person.arrive(cluster.url);
  const history = await call("GET", `/rooms/${room}/messages`, undefined, late.tokens.accessToken);
  const { messages } = history.body as unknown as HistoryPage;
  expect(messages.map((event) => ("text" in event ? event.text : ""))).toEqual(["we restart at noon", "we are back"]);
  for (const who of [late, admin]) {
    const answer = await call(
      "POST",
      `/rooms/${room}/messages`,
      { id: newId(), text: "me too" },
      who.tokens.accessToken,
    );
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
  }
  const entries = await query(
    cluster.databaseUrl,
    "select actor from hubbub.audit where act = 'announcement' order by at",
  );
  expect(entries).toContainEqual({ actor: admin.tokens.user.id });
  expect(entries).toContainEqual({ actor: "operator" });
});

/** Connected to each gateway. */
const connectTwice = (person: Person) =>
  Promise.all(cluster.gateways.map(({ port }) => person.connect(`ws://127.0.0.1:${port}/ws`, "")));

const say = (ws: WsClient, room: string): void =>
  ws.send({ type: "publish", ref: 1, room, id: randomUUID(), text: "x" });

const countOf = (ws: WsClient, type: string): number => ws.queued.filter((frame) => frame.type === type).length;

/** Names of the limits in refusals; each refusal must name one and the time of a retry. */
function limitsOf(...clients: WsClient[]): Set<string> {
  const refusals = clients.flatMap(({ queued }) => queued).filter(({ type }) => type === "error");
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({
      code: "rate_limited",
      retryAfterMs: expect.any(Number),
      limit: { name: expect.any(String), count: expect.any(Number), left: expect.any(Number) },
    });
  }
  return new Set(refusals.map((refusal) => (refusal["limit"] as { name: string }).name));
}

test("G8 a user who floods through one gateway is warned, slowed and muted there, then muted at the other one too, and closed", async () => {
  const [mallory, ada] = [await signup(), await signup()];
  const [{ id: room }, { id: other }] = [await mallory.createRoom(), await ada.createRoom()];
  const [[here, there], [calm]] = await Promise.all([connectTwice(mallory), connectTwice(ada)]);
  if (here === undefined || there === undefined || calm === undefined) throw new Error("two gateways");
  const penalties = new Set<unknown>();
  while (!penalties.has("muted")) {
    for (let at = 0; at < 50; at += 1) say(here, room);
    await publish(calm, other, "beside the flood");
    await here.nextWhere(({ type }) => type === "error", "a refusal");
    for (const frame of here.queued) if (frame["penalty"] !== undefined) penalties.add(frame["penalty"]);
  }
  expect([...penalties]).toEqual(expect.arrayContaining(["warned", "slowed", "muted"]));
  expect([...limitsOf(here)]).toEqual(expect.arrayContaining(["connection_publishes"]));
  // What the other gateway lets through until it hears of the mute: a sixteenth of a window's allowance, and what comes between reports.
  const until = Date.now() + 6_000;
  while (Date.now() < until) {
    say(there, room);
    await pause(60);
  }
  expect(countOf(there, "ack")).toBeLessThan(60);
  expect(limitsOf(there)).toEqual(new Set(["user_publishes"]));
  const closing = here.closed;
  const flooding = setInterval(() => {
    for (let at = 0; at < 100 && here.isOpen; at += 1) say(here, room);
  }, 100);
  expect(await closing).toEqual({ code: 4008, reason: "rate_limited" });
  clearInterval(flooding);
  const asked = "select actor from hubbub.audit where act = 'flood_mute' and subject_id = $1";
  expect(await query(cluster.databaseUrl, asked, [mallory.tokens.user.id])).toContainEqual({ actor: "system" });
});

test("G8 a room that many flood through both gateways is refused by name, and another room is not hurt", async () => {
  const people = await Promise.all(Array.from({ length: 4 }, signup));
  const ada = await signup();
  const [{ id: loud }, { id: quiet }] = [await ada.createRoom(), await ada.createRoom()];
  for (const person of people) await person.join(loud);
  const clients = (await Promise.all(people.map(connectTwice))).flat();
  const [calm] = await connectTwice(ada);
  for (let round = 0; round < 4; round += 1) {
    for (const client of clients) for (let at = 0; at < 6; at += 1) say(client, loud);
    if (calm !== undefined) await publish(calm, quiet, "beside the flood");
    await pause(500);
  }
  expect(limitsOf(...clients)).toContain("room_publishes");
  const acked = clients.reduce((sum, client) => sum + countOf(client, "ack"), 0);
  // 192 were sent in two seconds, and 30 a second may come, with the bursts of two gateways and a window that ends between.
  expect(acked).toBeGreaterThan(30);
  expect(acked).toBeLessThan(192);
});

test("G8 an address that opens many connections is refused by name at each gateway, and another address is not", async () => {
  for (const { port } of cluster.gateways) {
    const from = (address: string) => ({ headers: { "x-real-ip": address } });
    const url = `ws://127.0.0.1:${port}/ws`;
    const held = await Promise.all(Array.from({ length: 12 }, () => connectWs(url, from("203.0.113.7"))));
    const { status, body } = await refusedUpgrade(port, "203.0.113.7");
    expect(status).toBe(429);
    expect(body).toMatchObject({
      code: "too_many_connections",
      limit: { name: "address_connections", count: 12, left: 0 },
    });
    held.push(await connectWs(url, from("203.0.113.8")));
    for (const client of held) client.terminate();
  }
});

async function refusedUpgrade(port: number, address: string) {
  const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const headers = { ...upgrade, "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "x-real-ip": address };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`http://127.0.0.1:${port}/ws`, { headers }, resolve).on("error", reject);
  });
  return { status: response.statusCode, body: (await json(response)) as object };
}
