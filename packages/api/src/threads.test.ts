import type { MessageList, ThreadList, ThreadPage } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let member: Person;
let stranger: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "100000000", PUBLISHES_PER_SECOND_PER_USER: "100000" });
  [owner, member, stranger] = await Promise.all([api.guest(), api.guest(), api.guest()]);
});
afterAll(() => world[Symbol.asyncDispose]());

let serial = 0;
const id = () => `thread-${++serial}`;

async function openRoom() {
  const { id: room } = await api.room(owner);
  await api.call("POST", `/rooms/${room}/join`, { token: member.token });
  const call = <Body>(who: Person, method: string, path: string, body?: object) =>
    api.call<Body>(method, path, { token: who.token, ...(body === undefined ? {} : { body }) });
  return {
    room,
    call,
    post: async (who: Person, text: string, more: object = {}) =>
      (await call<{ seq: number }>(who, "POST", `/rooms/${room}/messages`, { id: id(), text, ...more })).body.seq,
    threads: async (who: Person) =>
      (await call<ThreadPage>(who, "GET", "/me/threads")).body.threads.filter((thread) => thread.room === room),
    list: async (path: string) => (await call<MessageList>(owner, "GET", `/rooms/${room}${path}`)).body,
  };
}

test("a thread is read in pages, and its first message counts its replies", async () => {
  const { post, list } = await openRoom();
  const root = await post(owner, "root");
  const seqs: number[] = [];
  for (let at = 0; at < 60; at += 1) seqs.push(await post(member, `reply ${at}`, { thread: root }));
  await post(member, "elsewhere");
  await world.commit();
  const first = await list(`/threads/${root}`);
  const second = await list(`/threads/${root}?after=${first.cursor}`);
  expect([...first.messages, ...second.messages].map(({ seq }) => seq)).toEqual(seqs);
  expect(second.cursor).toBeUndefined();
  expect((await list(`/messages/${root}`)).states).toEqual([{ seq: root, replies: { count: 60, last: seqs.at(-1) } }]);
});

test("a thread begins with a message that is there and in no thread; a deleted one keeps its thread", async () => {
  const { room, call, post } = await openRoom();
  const root = await post(owner, "root");
  const reply = await post(member, "reply", { thread: root });
  const refusal = async (thread: number) =>
    (await call<{ code: string }>(owner, "POST", `/rooms/${room}/messages`, { id: id(), text: "x", thread })).body.code;
  expect(await refusal(reply)).toBe("unknown_message");
  expect(await refusal(reply + 1)).toBe("unknown_message");
  expect(await refusal(99_999)).toBe("unknown_message");
  await call(owner, "DELETE", `/rooms/${room}/messages/${root}?id=${id()}`);
  expect(await post(member, "still here", { thread: root })).toBeGreaterThan(reply);
});

test("a reply names a message, deleted or not, and neither another event nor a seq that is not given yet", async () => {
  const { room, call, post } = await openRoom();
  const said = await post(owner, "said");
  const deletion = { code: "", seq: 0 };
  const answer = async (replyTo: number) =>
    (await call<typeof deletion>(owner, "POST", `/rooms/${room}/messages`, { id: id(), text: "x", replyTo })).body;
  const { seq } = (await call<typeof deletion>(owner, "DELETE", `/rooms/${room}/messages/${said}?id=${id()}`)).body;
  expect(await answer(said)).toMatchObject({ seq: seq + 1 });
  expect(await answer(seq)).toMatchObject({ code: "unknown_message" });
  expect(await answer(99_999)).toMatchObject({ code: "unknown_message" });
});

test("authors and mentioned members follow a thread; once unfollowed, a reply does not follow it again", async () => {
  const { room, call, post, threads } = await openRoom();
  const root = await post(owner, "root");
  const following = async (who: Person) =>
    (await call<ThreadList>(who, "GET", `/rooms/${room}/threads/${root}`)).body.following;
  expect(await following(member)).toBeUndefined();
  const last = await post(member, "reply", { thread: root });
  await world.commit();
  expect([await following(owner), await following(member)]).toEqual([true, true]);
  expect(await threads(owner)).toMatchObject([{ seq: root, count: 1, last }]);
  expect(await threads(member)).toMatchObject([{ seq: root }]);
  await call(member, "DELETE", `/rooms/${room}/threads/${root}/follow`);
  await post(member, "again", { thread: root });
  await world.commit();
  expect(await threads(member)).toEqual([]);
  expect(await following(member)).toBe(false);
  const other = await post(owner, "other root");
  await post(owner, `look, @${member.user.username.toUpperCase()}`, { thread: other });
  await world.commit();
  expect(await threads(member)).toMatchObject([{ seq: other }]);
  await call(member, "PUT", `/rooms/${room}/threads/${root}/follow`);
  expect((await threads(member)).map(({ seq }) => seq)).toEqual([other, root]);
});

test("replies of others are news of a followed thread, up to the caller's mark or own reply; deleted ones are none", async () => {
  const { room, call, post, threads } = await openRoom();
  const root = await post(owner, "root");
  const unread = async (who: Person) => {
    await world.commit();
    return (await threads(who)).map((thread) => thread.unread);
  };
  const first = await post(member, "one", { thread: root });
  const second = await post(member, "two", { thread: root });
  expect([await unread(owner), await unread(member)]).toEqual([[2], [0]]);
  const read = (seq: number) => call(owner, "PUT", `/rooms/${room}/threads/${root}/read`, { seq });
  expect((await read(first)).status).toBe(204);
  expect(await unread(owner)).toEqual([1]);
  await read(second);
  await read(first);
  expect(await unread(owner)).toEqual([0]);
  const third = await post(member, "three", { thread: root });
  expect(await unread(owner)).toEqual([1]);
  await call(member, "DELETE", `/rooms/${room}/messages/${third}?id=${id()}`);
  expect(await unread(owner)).toEqual([0]);
  await post(owner, "four", { thread: root });
  expect([await unread(owner), await unread(member)]).toEqual([[0], [1]]);
  expect((await call(stranger, "PUT", `/rooms/${room}/threads/${root}/read`, { seq: 1 })).status).toBe(403);
});

test("a mark in a thread ends at the head of the room, which may be a reply that is not stored yet", async () => {
  const { room, call, post, threads } = await openRoom();
  const root = await post(owner, "root");
  await post(member, "one", { thread: root });
  await world.commit();
  const read = (seq: number) => call(owner, "PUT", `/rooms/${room}/threads/${root}/read`, { seq });
  const unread = async () => {
    await world.commit();
    return (await threads(owner)).map((thread) => thread.unread);
  };
  const underway = await post(member, "two", { thread: root });
  await read(underway);
  expect(await unread()).toEqual([0]);
  await read(Number.MAX_SAFE_INTEGER);
  await post(member, "three", { thread: root });
  expect(await unread()).toEqual([1]);
});

test("a user who left the room sees its threads no more, and nobody follows what is no message", async () => {
  const { room, call, post, threads } = await openRoom();
  const root = await post(owner, "root");
  await post(member, "reply", { thread: root });
  await world.commit();
  await call(member, "POST", `/rooms/${room}/leave`);
  expect(await threads(member)).toEqual([]);
  expect((await call(member, "PUT", `/rooms/${room}/threads/${root}/follow`)).status).toBe(403);
  expect((await call(owner, "PUT", `/rooms/${room}/threads/999/follow`)).status).toBe(404);
  for (const path of [`threads/${root}`, "pins", `messages/${root}`, `messages/${root}/revisions`]) {
    expect((await call(stranger, "GET", `/rooms/${room}/${path}`)).status).toBe(403);
  }
});

test("pages of threads go on where they ended, also among replies of one moment", async () => {
  const { room, post, threads, call } = await openRoom();
  for (let at = 0; at < 55; at += 1) await post(owner, "reply", { thread: await post(owner, "root") });
  await world.commit();
  const first = await call<ThreadPage>(owner, "GET", "/me/threads");
  const rest = await call<ThreadPage>(owner, "GET", `/me/threads?cursor=${first.body.cursor}`);
  const seqs = [...first.body.threads, ...rest.body.threads].filter((thread) => thread.room === room);
  expect(new Set(seqs.map(({ seq }) => seq)).size).toBe(55);
  expect(await threads(owner)).toHaveLength(50);
  expect((await call(owner, "GET", "/me/threads?cursor=nonsense")).status).toBe(400);
});

test("G8 a room has at most 100 pins, stored or not, newest kept, and a deleted message is pinned no more", async () => {
  const { room, call, post, list } = await openRoom();
  const pin = (seq: number, method = "PUT") =>
    call<{ code: string }>(owner, method, `/rooms/${room}/messages/${seq}/pin?id=${id()}`);
  const seqs: number[] = [];
  for (let at = 0; at < 101; at += 1) seqs.push(await post(owner, `${at}`));
  await world.commit();
  for (const seq of seqs.slice(0, 100)) expect((await pin(seq)).status).toBe(201);
  const extra = seqs[100] ?? 0;
  const tooMany = { status: 409, body: { code: "too_many_pins" } };
  expect(await pin(extra)).toMatchObject(tooMany);
  await world.commit();
  expect(await pin(extra)).toMatchObject(tooMany);
  expect((await pin(seqs[1] ?? 0, "DELETE")).status).toBe(201);
  expect((await pin(seqs[1] ?? 0)).status).toBe(201);
  expect(await pin(extra)).toMatchObject(tooMany);
  await call(owner, "DELETE", `/rooms/${room}/messages/${seqs[0]}?id=${id()}`);
  expect((await pin(extra)).status).toBe(201);
  await world.commit();
  expect((await list("/pins")).messages.map(({ seq }) => seq)).toEqual(seqs.slice(1));
});

test("the earlier texts of a message are for its author and for moderators, until it is deleted", async () => {
  const { room, call, post } = await openRoom();
  const seq = await post(member, "first");
  await call(member, "PATCH", `/rooms/${room}/messages/${seq}`, { id: id(), text: "second" });
  await world.commit();
  type Revisions = { revisions: { text: string }[] };
  const read = async (who: Person) => call<Revisions>(who, "GET", `/rooms/${room}/messages/${seq}/revisions`);
  for (const who of [owner, member]) {
    expect((await read(who)).body.revisions.map(({ text }) => text)).toEqual(["first", "second"]);
  }
  await call(stranger, "POST", `/rooms/${room}/join`);
  expect((await read(stranger)).status).toBe(403);
  const forget = { settings: { keepRevisions: false } };
  expect((await call(member, "PATCH", `/rooms/${room}`, forget)).status).toBe(403);
  expect((await call(owner, "PATCH", `/rooms/${room}`, forget)).body).toMatchObject(forget);
  expect((await read(owner)).body.revisions).toMatchObject([{ text: "second" }]);
  await call(member, "PATCH", `/rooms/${room}/messages/${seq}`, { id: id(), text: "third" });
  await world.commit();
  await call(owner, "PATCH", `/rooms/${room}`, { settings: {} });
  expect((await read(owner)).body.revisions.map(({ text }) => text)).toEqual(["", "", "third"]);
  await call(owner, "DELETE", `/rooms/${room}/messages/${seq}?id=${id()}`);
  await world.commit();
  expect((await read(owner)).body.revisions.map(({ text }) => text).join("")).toBe("");
});

test("G8 lists of messages cost by their bytes, and so do the states on a page of short messages", async () => {
  const { room, call, post } = await openRoom();
  const root = await post(owner, "root");
  const many = Array.from({ length: 25 });
  for (const _ of many) await post(owner, "x".repeat(8_000), { thread: root });
  const short: number[] = [];
  for (const _ of many) short.push(await post(owner, "short"));
  for (const seq of short) {
    await call(owner, "PATCH", `/rooms/${room}/messages/${seq}`, { id: id(), text: "y".repeat(8_000) });
    await call(owner, "PUT", `/rooms/${room}/messages/${seq}/pin?id=${id()}`);
  }
  await world.commit();
  const refused = async (path: string) => {
    const strict = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "65536" });
    const read = () => strict.call("GET", `/rooms/${room}${path}`, { token: owner.token });
    // The second one is read right behind the first.
    const [first, second] = await Promise.all([read(), read()]);
    expect(first.status).toBe(200);
    return second.status === 429;
  };
  const before = `before=${(short.at(-1) ?? 0) + 1}`;
  expect(await refused(`/messages?${before}&limit=1`)).toBe(false);
  for (const path of [`/messages?${before}&limit=25`, `/threads/${root}`, "/pins"])
    expect([path, await refused(path)]).toEqual([path, true]);
});
