import { randomUUID } from "node:crypto";
import type { HistoryPage, RoomId, TaskId, TaskInfo } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let member: Person;
let stranger: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ROOMS_PER_MINUTE_PER_USER: "100000" });
  [owner, member, stranger] = await Promise.all([api.signup(), api.signup(), api.signup()]);
});
afterAll(() => world[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;
type Asked = TaskInfo & { code?: string; tasks?: TaskInfo[] };

async function openRoom() {
  const { id: room } = await api.room(owner);
  await api.call("POST", `/rooms/${room}/join`, { token: member.token });
  const call = <Body = Asked>(who: Person, method: string, path = "", body?: object) =>
    api.call<Body>(method, `/rooms/${room}/tasks${path}`, {
      token: who.token,
      ...(body === undefined ? {} : { body }),
    });
  const start = (who: Person, id: string = randomUUID(), more: object = {}) =>
    call(who, "POST", "", { id, name: "stats", ...more });
  return { room: room as RoomId, call, start };
}

/** Does what a process with the role `jobs` does. */
async function finish(id: string): Promise<void> {
  const { tasks } = world.store;
  for (;;) {
    const task = await tasks.claim("test", HOUR_MS, 1_000);
    if (task === null) throw new Error("the task is not due");
    const lease = { id: task.id, owner: "test", attempt: task.attempt };
    const end = { state: "done", result: { messages: 0 }, note: "none", done: 0, total: 0 } as const;
    await tasks.finish(lease, end, HOUR_MS);
    if (task.id === (id as TaskId)) return;
  }
}

test("a task is started once, the room is told of it before it begins, and its result is read by members", async () => {
  const { room, call, start } = await openRoom();
  const id = randomUUID();
  const asked = await start(member, id, { name: "search", args: "tea" });
  expect(asked.status).toBe(202);
  expect(asked.body).toMatchObject({ id, room, name: "search", args: "tea", state: "queued", ahead: 0, attempt: 0 });
  expect((await start(member, id)).body).toMatchObject({ id, name: "search" });
  const { body } = await api.call<HistoryPage>("GET", `/rooms/${room}/messages`, { token: owner.token });
  const told = body.messages.filter(({ kind }) => kind === "task");
  expect(told[0]).not.toHaveProperty("note");
  expect(told).toMatchObject([{ task: id, name: "search", state: "queued", by: { id: member.user.id } }]);
  await finish(id);
  expect((await call(owner, "GET", `/${id}`)).body).toMatchObject({ state: "done", result: { messages: 0 } });
  expect((await api.call<Asked>("GET", "/me/tasks", { token: member.token })).body.tasks).toMatchObject([{ id }]);
  expect((await call(stranger, "GET", `/${id}`)).body.code).toBe("not_member");
  expect((await call(owner, "GET", `/${randomUUID()}`)).body.code).toBe("unknown_task");
});

test("a task needs the right to post, and a name that there is", async () => {
  const { room, call, start } = await openRoom();
  expect((await start(stranger)).body.code).toBe("not_member");
  expect((await call(member, "POST", "", { id: randomUUID(), name: "cook" })).body.code).toBe("bad_request");
  expect((await call(member, "POST", "", { id: "one", name: "stats" })).body.code).toBe("bad_request");
  await world.store.members.mute(room, member.user.id, new Date(Date.now() + HOUR_MS), { by: owner.user.id });
  expect((await start(member)).body.code).toBe("muted");
});

test("own tasks are cancelled by their user, others by moderators", async () => {
  const { call, start } = await openRoom();
  const [own, other] = [await start(member), await start(owner)];
  expect((await call(member, "DELETE", `/${other.body.id}`)).body?.code).toBe("forbidden");
  expect((await call(member, "DELETE", `/${own.body.id}`)).status).toBe(204);
  expect((await call(owner, "DELETE", `/${own.body.id}`)).status).toBe(204);
  expect((await call(member, "GET", `/${own.body.id}`)).body).toMatchObject({
    state: "cancelled",
    fault: "by who started it",
  });
  const third = await start(member);
  expect((await call(owner, "DELETE", `/${third.body.id}`)).status).toBe(204);
});

test("where history is hidden from newcomers, only the user reads what was found with their rights", async () => {
  const { room, call, start } = await openRoom();
  const { id } = (await start(owner)).body;
  await finish(id);
  expect((await call(member, "GET", `/${id}`)).body.result).toEqual({ messages: 0 });
  await api.call("PATCH", `/rooms/${room}`, { token: owner.token, body: { settings: { history: "joined" } } });
  expect((await call(owner, "GET", `/${id}`)).body.result).toEqual({ messages: 0 });
  const seen = await call(member, "GET", `/${id}`);
  expect(seen.body.result).toBeUndefined();
});

test("a user has at most 20 tasks that have not ended", async () => {
  const { start } = await openRoom();
  const loud = stranger;
  const { id: room } = await api.room(loud);
  for (let count = 0; count < 20; count += 1) {
    const body = { id: randomUUID(), name: "stats" };
    expect((await api.call("POST", `/rooms/${room}/tasks`, { token: loud.token, body })).status).toBe(202);
  }
  const body = { id: randomUUID(), name: "stats" };
  const { body: refused } = await api.call<Asked>("POST", `/rooms/${room}/tasks`, { token: loud.token, body });
  expect(refused.code).toBe("overloaded");
  expect((await start(owner)).status).toBe(202);
});
