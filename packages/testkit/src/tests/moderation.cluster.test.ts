import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { Person, publish } from "../people.ts";
import { connectWs } from "../ws-client.ts";

/** Reports and the audit across two gateways, with a real Redis, Postgres and writer. */
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
  return (response.status === 204 ? undefined : await response.json()) as Answer;
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
