import { randomUUID } from "node:crypto";
import { ANNOUNCEMENTS_ROOM, type HistoryPage, newId, type Problem, type Tokens } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { Person } from "../people.ts";

/** From the suspension to the end of all connections, on every gateway. */
const CLOSED_WITHIN_MS = 200;
const SESSION_REVOKED = 4501;
const PASSWORD = "correct horse";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, writers: 1 });
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
