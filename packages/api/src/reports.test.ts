import { randomUUID } from "node:crypto";
import type { ReportPage, Room } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { REPORTS_PER_HOUR_PER_USER: "5" });
});
afterAll(() => world[Symbol.asyncDispose]());

const call = <Body = { code?: string }>({ token }: Person, method: string, path: string, body?: object) =>
  api.call<Body>(method, path, { token, ...(body === undefined ? {} : { body }) });

async function scene() {
  const [owner, author, reporter] = [await api.signup(), await api.signup(), await api.signup()];
  const { id } = await api.room(owner);
  for (const who of [author, reporter]) await call(who, "POST", `/rooms/${id}/join`);
  const post = async (who: Person, text: string) =>
    (await call<{ seq: number }>(who, "POST", `/rooms/${id}/messages`, { id: randomUUID(), text })).body.seq;
  const report = (who: Person, seq: number, body: object = { reason: "abuse", text: "rude" }) =>
    call<{ id: string; state: string; code?: string }>(who, "POST", `/rooms/${id}/messages/${seq}/reports`, body);
  const queue = async (who: Person, query = "") =>
    (await call<ReportPage>(who, "GET", `/rooms/${id}/reports${query}`)).body.reports;
  return { owner, author, reporter, id, post, report, queue };
}

test("a report shows moderators the message as it was, after its author edited and deleted it, before any of it is stored", async () => {
  const { owner, author, reporter, id, post, report, queue } = await scene();
  const seq = await post(author, "first words");
  const path = `/rooms/${id}/messages/${seq}`;
  await call(author, "PATCH", path, { id: randomUUID(), text: "insulting words" });
  const made = await report(reporter, seq);
  expect(made).toMatchObject({ status: 201, body: { state: "open" } });
  expect(await report(reporter, seq)).toMatchObject({ status: 200, body: made.body });
  await call(author, "PATCH", path, { id: randomUUID(), text: "kind words" });
  await call(author, "DELETE", `${path}?id=${randomUUID()}`);
  await world.commit();
  expect(await queue(owner)).toMatchObject([
    {
      ...{ id: made.body.id, seq, reason: "abuse", text: "rude", message: "insulting words", deleted: true },
      ...{ by: reporter.user, author: author.user, state: "open", context: [] },
    },
  ]);
  expect(await report(owner, seq)).toMatchObject({ status: 404, body: { code: "unknown_message" } });
});

test("a report of files keeps their names", async () => {
  const { owner, author, reporter, id, report, queue } = await scene();
  const sent = await api.fetch(`/api/v1/rooms/${id}/files?id=${randomUUID()}&name=rude.txt`, {
    method: "PUT",
    headers: { authorization: `Bearer ${author.token}` },
    body: "content",
  });
  expect(sent.status).toBe(201);
  const file = (await sent.json()) as { id: string };
  const message = { id: randomUUID(), text: "", files: [file.id] };
  const { seq } = (await call<{ seq: number }>(author, "POST", `/rooms/${id}/messages`, message)).body;
  await report(reporter, seq);
  await world.commit();
  expect(await queue(owner)).toMatchObject([{ message: "[file: rude.txt]" }]);
});

test("moderators close reports, with an entry in the audit; members neither see nor close them", async () => {
  const { owner, author, reporter, id, post, report, queue } = await scene();
  const { body } = await report(reporter, await post(author, "x"));
  const path = `/rooms/${id}/reports/${body.id}`;
  for (const [method, where] of [
    ["GET", `/rooms/${id}/reports`],
    ["PATCH", path],
  ] as const) {
    const wish = method === "GET" ? undefined : { state: "acted" };
    expect(await call(reporter, method, where, wish)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  }
  expect(await call(owner, "PATCH", path, { state: "open" })).toMatchObject({ status: 400 });
  expect(await call(owner, "PATCH", path, { state: "acted", note: "warned" })).toMatchObject({ status: 204 });
  expect(await queue(owner)).toEqual([]);
  expect(await queue(owner, "?state=closed")).toMatchObject([{ state: "acted", note: "warned" }]);
  const audit = await call<{ entries: object[] }>(owner, "GET", `/rooms/${id}/audit?act=report_close`);
  expect(audit.body.entries).toMatchObject([{ actor: owner.user.id, subject: author.user.id, note: "warned" }]);
  const unknown = `/rooms/${id}/reports/${randomUUID()}`;
  expect(await call(owner, "PATCH", unknown, { state: "acted" })).toMatchObject({ body: { code: "unknown_report" } });
});

test("moderators neither see nor close reports of their own messages", async () => {
  const { owner, author, reporter, id, post, report, queue } = await scene();
  await call(owner, "PUT", `/rooms/${id}/members/${author.user.id}`, { role: "moderator" });
  const { body } = await report(reporter, await post(author, "x"));
  expect(await queue(author)).toEqual([]);
  const path = `/rooms/${id}/reports/${body.id}`;
  expect(await call(author, "PATCH", path, { state: "dismissed" })).toMatchObject({ body: { code: "unknown_report" } });
  expect(await queue(owner)).toHaveLength(1);
});

test("no number tells a moderator of a report of an own message, or of its end", async () => {
  const { owner, author, reporter, id, post, report } = await scene();
  await call(owner, "PUT", `/rooms/${id}/members/${author.user.id}`, { role: "moderator" });
  const told = vi.spyOn(world.broker, "publishSignal");
  onTestFinished(() => told.mockRestore());
  const news = () => {
    const frames = told.mock.calls.map(([to, frame]) => [to, (JSON.parse(frame) as { open?: number }).open]);
    told.mockClear();
    return frames.toSorted();
  };
  const { body } = await report(reporter, await post(author, "x"));
  expect(news()).toEqual([[owner.user.id, 1]]);
  await report(owner, await post(reporter, "y"));
  expect(news()).toEqual(
    [
      [author.user.id, 1],
      [owner.user.id, 2],
    ].toSorted(),
  );
  await call(owner, "PATCH", `/rooms/${id}/reports/${body.id}`, { state: "acted" });
  expect(news()).toEqual([[owner.user.id, 1]]);
});

test("what cannot be reported is refused: own messages, messages that are not there, from outside, and too many", async () => {
  const { owner, author, reporter, post, report } = await scene();
  const seq = await post(author, "x");
  expect(await report(author, seq)).toMatchObject({ status: 409, body: { code: "own_message" } });
  expect(await report(owner, seq + 100)).toMatchObject({ status: 404, body: { code: "unknown_message" } });
  expect(await report(await api.signup(), seq)).toMatchObject({ status: 403, body: { code: "not_member" } });
  expect(await report(owner, seq, { reason: "boring" })).toMatchObject({ status: 400 });
  expect(await report(owner, seq, { reason: "spam", text: "x".repeat(501) })).toMatchObject({ status: 400 });
  for (let time = 0; time < 5; time += 1) await report(reporter, seq);
  expect(await report(reporter, seq)).toMatchObject({ status: 429, body: { code: "rate_limited" } });
});

test("reports of direct rooms are for operators", async () => {
  const [one, other] = [await api.signup(), await api.signup()];
  const { id } = (await call<Room>(one, "POST", "/direct", { users: [other.user.username] })).body;
  const message = { id: randomUUID(), text: "unkind" };
  const { seq } = (await call<{ seq: number }>(one, "POST", `/rooms/${id}/messages`, message)).body;
  const made = await call(other, "POST", `/rooms/${id}/messages/${seq}/reports`, { reason: "abuse" });
  expect(made.status).toBe(201);
  expect(await call(other, "GET", `/rooms/${id}/reports`)).toMatchObject({ status: 403 });
  const helper = await api.signup();
  await world.store.admin.setRole(helper.user.id, "support", { by: "operator" });
  const { token } = helper;
  const list = async (query = "") =>
    (await api.call<ReportPage>("GET", `/admin/reports${query}`, { token })).body.reports;
  const mine = (await list("?direct=true")).filter(({ room }) => room === id);
  expect(mine).toMatchObject([{ message: "unkind", by: other.user }]);
  expect((await list()).map(({ room }) => room)).not.toContain(id);
  const path = `/admin/reports/${mine[0]?.id}`;
  expect((await call(other, "PATCH", path, { state: "acted" })).status).toBe(403);
  expect((await api.call("PATCH", path, { token, body: { state: "acted" } })).status).toBe(204);
  expect(await list("?direct=true")).toEqual([]);
  const { entries } = await world.store.audit.list({ room: id }, { limit: 10 });
  expect(entries).toMatchObject([{ act: "report_close", actor: helper.user.id, subject: one.user.id }]);
});
