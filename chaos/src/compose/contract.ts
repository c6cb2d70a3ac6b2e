import assert from "node:assert/strict";
import type { HistoryPage } from "@hubbub/protocol";
import { Person, publish, receive, subscribe, tryPublish } from "@hubbub/testkit";
import type { Stack } from "./stack.ts";

const credentials = () => ({ username: `ann-${Date.now().toString(36)}`, password: "a long enough phrase 1 of 2" });

/** The public contract in short, through the front: accounts, rooms, chat, resume, history, refusals. @throws at the first breach */
export async function keepsContract({ url, wsUrl }: Stack): Promise<string> {
  assert.match(await (await fetch(url)).text(), /<html/i, "the page is served");
  const account = credentials();
  const ann = new Person(url, await post(url, "/auth/signup", account));
  const again = new Person(url, await post(url, "/auth/login", account));
  assert.equal(again.name, account.username);
  const bob = await Person.arrive(url);
  const { id: room } = await ann.createRoom();
  await bob.join(room);
  const [speaker, listener] = [await ann.connect(wsUrl), await bob.connect(wsUrl)];
  await subscribe(speaker, room);
  await subscribe(listener, room);
  const first = await publish(speaker, room, "hello", "first-message");
  const second = await publish(speaker, room, "hello", "first-message");
  assert.deepEqual([second["seq"], second["duplicate"]], [first["seq"], true], "sent again is sent once");
  const [heard] = await receive(listener, 1);
  assert.equal(heard?.["text"], "hello");
  listener.terminate();
  await ann.post(`/rooms/${room}/messages`, { id: "over-http-message", text: "missed" });
  const back = await bob.connect(wsUrl);
  const since = { seq: Number(first["seq"]), epoch: Number(first["epoch"]) };
  const { subscribed, missed } = await subscribe(back, room, since);
  assert.equal(subscribed["recovered"], true);
  assert.deepEqual(
    missed.map(({ text }) => text),
    ["missed"],
    "resumed",
  );
  const page = await bob.history(room);
  assert.deepEqual(textsOf(page), ["hello", "missed"]);
  const eve = await Person.arrive(url);
  const stranger = await eve.connect(wsUrl);
  assert.equal((await tryPublish(stranger, room, "let me in"))["code"], "not_member");
  await bob.logout();
  assert.equal((await back.closed).code, 4501, "a logout closes the connections of the session");
  await assert.rejects(bob.history(room), /401/);
  await Promise.all([speaker.close(), stranger.close()]);
  return "page, accounts, rooms, chat, resume, history, refusals, logout";
}

/** The front answers 404 to every operators' path. */
export async function hidesOperatorsPaths({ url }: Stack): Promise<void> {
  for (const path of ["/metrics", "/statusz", "/api/v1/admin/nodes", "/hand-over"]) {
    const { status } = await fetch(`${url}${path}`, { method: path === "/hand-over" ? "POST" : "GET" });
    assert.equal(status, 404, `${path} through the front`);
  }
}

async function post<Answer>(url: string, path: string, body: object): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

export function textsOf({ messages }: HistoryPage): string[] {
  return messages.flatMap((message) => (message.kind === "message" ? [message.text] : []));
}
