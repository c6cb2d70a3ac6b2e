import type { HistoryPage } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let member: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "100000000", PUBLISHES_PER_SECOND_PER_USER: "100000" });
  [owner, member] = await Promise.all([api.guest(), api.guest()]);
});
afterAll(() => world[Symbol.asyncDispose]());

interface Posted {
  readonly seq: number;
}
interface Refused {
  readonly code: string;
  readonly current?: { readonly seq: number; readonly text: string };
}

let serial = 0;
const id = () => `change-${++serial}`;

/** A public room with a message of its owner at seq 1, and a member. */
async function openRoom() {
  const { id: room } = await api.room(owner);
  await api.call("POST", `/rooms/${room}/messages`, { token: owner.token, body: { id: id(), text: "first" } });
  await api.call("POST", `/rooms/${room}/join`, { token: member.token });
  const path = `/rooms/${room}/messages`;
  return {
    join: (who: Person) => api.call("POST", `/rooms/${room}/join`, { token: who.token }),
    call: <Body = Posted>(method: string, rest: string, who = owner, body?: object) =>
      api.call<Body>(method, `${path}${rest}`, { token: who.token, ...(body === undefined ? {} : { body }) }),
    edit: (body: { text: string; baseSeq?: number; id?: string }, who = owner) =>
      api.call<Posted & Refused>("PATCH", `${path}/1`, { token: who.token, body: { id: id(), ...body } }),
    page: async () => {
      await world.commit();
      return (await api.call<HistoryPage>("GET", path, { token: owner.token })).body;
    },
  };
}

test("an edit changes the state of its message, and the page keeps the event as it was sent", async () => {
  const { edit, page } = await openRoom();
  const { status, body } = await edit({ text: "second" });
  expect(status).toBe(201);
  await expect
    .poll(async () => (await page()).states)
    .toMatchObject([{ seq: 1, text: "second", edited: { seq: body.seq, count: 1 } }]);
  expect((await page()).messages[0]).toMatchObject({ kind: "message", text: "first" });
});

test("an edit of a text that has changed is refused with the present text; sent again it is the same edit", async () => {
  const { edit } = await openRoom();
  const first = await edit({ text: "second", baseSeq: 1, id: "once" });
  expect(await edit({ text: "third", baseSeq: 1 })).toMatchObject({
    status: 409,
    body: { code: "conflict", current: { seq: first.body.seq, text: "second" } },
  });
  expect(await edit({ text: "second", baseSeq: 1, id: "once" })).toMatchObject({
    status: 200,
    body: { seq: first.body.seq, duplicate: true },
  });
  expect((await edit({ text: "third", baseSeq: first.body.seq })).status).toBe(201);
});

test("of two edits of one text that race both are accepted, and the later seq wins", async () => {
  const { edit, page } = await openRoom();
  const { states } = world.store.events;
  let reads = 0;
  let go: () => void;
  const both = new Promise<void>((resolve) => (go = resolve));
  // Each has checked the text before either is accepted.
  const held = vi.spyOn(world.store.events, "states").mockImplementation(async (...asked) => {
    const found = await states(...asked);
    reads += 1;
    if (reads === 2) go();
    await both;
    return found;
  });
  onTestFinished(() => held.mockRestore());
  const racing = await Promise.all(
    ["left", "right"].map(async (text) => ({ text, ...(await edit({ text, baseSeq: 1 })) })),
  );
  expect(racing.map(({ status }) => status)).toEqual([201, 201]);
  const later = racing.reduce((one, other) => (other.body.seq > one.body.seq ? other : one));
  await expect
    .poll(async () => (await page()).states)
    .toMatchObject([{ seq: 1, text: later.text, edited: { seq: later.body.seq, count: 2 } }]);
  // Who edits from the text that lost is told so.
  const earlier = racing.find((one) => one !== later);
  expect(await edit({ text: "third", baseSeq: earlier?.body.seq ?? 0 })).toMatchObject({
    status: 409,
    body: { code: "conflict", current: { seq: later.body.seq, text: later.text } },
  });
});

test("G3 a stored change that is sent again keeps its seq, behind a newer edit and behind the deletion", async () => {
  const { call, edit, page } = await openRoom();
  const first = await edit({ text: "second", baseSeq: 1, id: "lost" });
  await edit({ text: "third", baseSeq: first.body.seq });
  const reaction = `/1/reactions/👍?id=${id()}`;
  const reacted = await call("PUT", reaction);
  await call("DELETE", `/1?id=${id()}`);
  const { messages } = await page();
  const duplicate = { status: 200, body: { duplicate: true } };
  expect(await edit({ text: "second", baseSeq: 1, id: "lost" })).toMatchObject(duplicate);
  expect(await call("PUT", reaction)).toMatchObject({ ...duplicate, body: { seq: reacted.body.seq } });
  expect((await call("PUT", reaction, member)).status).toBe(404);
  expect((await page()).messages).toEqual(messages);
});

test("an edit behind EDIT_WINDOW_MS is refused, and its author may still delete the message", async () => {
  const late = new TestApi(world, { EDIT_WINDOW_MS: "1" });
  onTestFinished(() => late.close());
  const { id: room } = await api.room(owner);
  const call = (method: string, path: string, body?: object) =>
    late.call<{ seq: number }>(method, `/rooms/${room}/messages${path}`, { token: owner.token, ...(body && { body }) });
  const { seq } = (await call("POST", "", { id: id(), text: "first" })).body;
  await expect
    .poll(() => call("PATCH", `/${seq}`, { id: id(), text: "late" }))
    .toMatchObject({ status: 403, body: { code: "edit_window_over" } });
  expect((await call("DELETE", `/${seq}?id=${id()}`)).status).toBe(201);
});

test("nobody but the author edits a message, and an owner may delete it", async () => {
  const { call, edit } = await openRoom();
  expect(await edit({ text: "not mine" }, member)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const own = await call("POST", "", member, { id: id(), text: "by the member" });
  const deletion = `/${own.body.seq}?id=${id()}`;
  expect((await call("DELETE", `/1?id=${id()}`, member)).status).toBe(403);
  expect((await call("DELETE", deletion, owner)).status).toBe(201);
});

test("a deleted message has no text in any page, and takes no further change", async () => {
  const { call, edit, page } = await openRoom();
  await edit({ text: "edited" });
  expect((await call("DELETE", `/1?id=${id()}`)).status).toBe(201);
  expect((await page()).states).toMatchObject([{ seq: 1, deleted: true }]);
  expect(JSON.stringify(await page())).not.toMatch(/first|edited"/);
  expect(await edit({ text: "again" })).toMatchObject({ status: 404, body: { code: "unknown_message" } });
  expect((await call("PUT", `/1/reactions/👍?id=${id()}`)).status).toBe(404);
});

test("G8 a user has at most five emoji on a message, and a message at most twenty", async () => {
  const { call, join } = await openRoom();
  const people = [owner, member, ...(await Promise.all(Array.from({ length: 3 }, () => api.guest())))];
  for (const guest of people.slice(2)) await join(guest);
  const react = (who: Person, emoji: string) => call<Refused>("PUT", `/1/reactions/${emoji}?id=${id()}`, who);
  const refused = { status: 409, body: { code: "too_many_reactions" } };
  for (const [at, who] of people.slice(0, 4).entries()) {
    for (let one = 0; one < 5; one += 1) expect((await react(who, `:e${at}${one}:`)).status).toBe(201);
  }
  expect(await react(owner, ":e10:")).toMatchObject(refused);
  expect((await react(owner, ":e00:")).status).toBe(201);
  const fifth = people[4] ?? owner;
  expect(await react(fifth, ":new:")).toMatchObject(refused);
  expect((await react(fifth, ":e00:")).status).toBe(201);
  expect((await call("DELETE", `/1/reactions/:e01:?id=${id()}`)).status).toBe(201);
  expect((await react(fifth, ":new:")).status).toBe(201);
});

test("only owners pin", async () => {
  const { call, page } = await openRoom();
  expect((await call("PUT", `/1/pin?id=${id()}`, member)).status).toBe(403);
  expect((await call("PUT", `/1/pin?id=${id()}`)).status).toBe(201);
  expect((await page()).states).toMatchObject([{ seq: 1, pinned: true }]);
  expect((await call("DELETE", `/1/pin?id=${id()}`)).status).toBe(201);
  expect((await page()).states?.[0]?.pinned).toBeUndefined();
});

test("a change of what is no message is refused", async () => {
  const { call } = await openRoom();
  for (const seq of [0, 2, 999]) {
    expect(await call<Refused>("PUT", `/${seq}/pin?id=${id()}`)).toMatchObject({
      status: 404,
      body: { code: "unknown_message" },
    });
  }
});
