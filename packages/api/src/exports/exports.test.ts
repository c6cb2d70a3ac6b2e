import { type DataExport, type DataExportLink, HTTP_PREFIX, type Room } from "@hubbub/protocol";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

const DONE = { timeout: 20_000, interval: 200 };
let world: World;
let api: TestApi;
let ada: Person;
let bob: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { EXPORT_PAUSE_HOURS: "0" });
  [ada, bob] = [await api.guest(), await api.guest()];
});
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
});

const say = (who: Person, { id: room }: Room, id: string, text: string) =>
  api.call<{ seq: number }>("POST", `/rooms/${room}/messages`, { token: who.token, body: { id, text } });
const find = async (who: Person, id: string) =>
  await api.call<DataExport>("GET", `/me/exports/${id}`, { token: who.token });

async function roomOfBoth(): Promise<Room> {
  const room = await api.room(ada);
  await api.call("POST", `/rooms/${room.id}/join`, { token: bob.token });
  return room;
}

async function exported(who: Person): Promise<DataExport> {
  const { status, body } = await api.call<DataExport>("POST", "/me/exports", { token: who.token, body: {} });
  expect(status).toBe(202);
  await expect.poll(async () => (await find(who, body.id)).body.state, DONE).toBe("done");
  return (await find(who, body.id)).body;
}

async function download(who: Person, { id }: DataExport, headers: Record<string, string> = {}): Promise<Response> {
  const { body } = await api.call<DataExportLink>("POST", `/me/exports/${id}/link`, { token: who.token, body: {} });
  return await api.fetch(body.url, { headers });
}

test("an export has what the user sent and is in, and nothing that others sent", async () => {
  const [kept, left] = [await roomOfBoth(), await roomOfBoth()];
  const { body } = await say(bob, kept, "a", "first text of bob");
  await api.call("PATCH", `/rooms/${kept.id}/messages/${body.seq}`, {
    token: bob.token,
    body: { id: "b", text: "edited by bob" },
  });
  await say(ada, kept, "c", "secret of ada");
  await say(bob, left, "d", "bob was here");
  await api.call("POST", `/rooms/${left.id}/leave`, { token: bob.token });
  const upload = `${HTTP_PREFIX}/rooms/${kept.id}/files?id=f&name=notes.txt`;
  const authorization = `Bearer ${bob.token}`;
  expect((await api.fetch(upload, { method: "PUT", body: "notes of bob", headers: { authorization } })).status).toBe(
    201,
  );
  await world.commit();

  const done = await exported(bob);
  expect(done.progress.done).toBe(done.progress.total);
  const answer = await download(bob, done);
  expect(answer.headers.get("content-disposition")).toContain("attachment");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));
  const texts = new Map(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
  const all = [...texts.values()].join("\n");
  for (const text of ["first text of bob", "edited by bob", "bob was here", "notes of bob", bob.user.username])
    expect(all).toContain(text);
  expect(all).not.toContain("secret of ada");
  expect([...texts.keys()].find((name) => name.endsWith("notes.txt"))).toMatch(/^files\//);
  const messages = (texts.get("messages.ndjson") ?? "")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(
    messages
      .filter(({ kind }) => kind === "message")
      .map(({ text }) => text)
      .sort(),
  ).toEqual(["bob was here", "first text of bob"]);
  const rooms = (texts.get("rooms.ndjson") ?? "")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rooms.map(({ room, membership }) => [room, membership]).sort()).toEqual(
    [
      [kept.id, "member"],
      [left.id, "left"],
    ].sort(),
  );
  const { entries } = await world.store.audit.list({ actor: bob.user.id, act: "account_export" }, { limit: 5 });
  expect(entries).toHaveLength(1);
});

test("an archive is read in ranges, by its owner, and until it is removed", async () => {
  const done = await exported(ada);
  const whole = Buffer.from(await (await download(ada, done)).arrayBuffer());
  expect(whole.length).toBe(done.bytes);
  const part = await download(ada, done, { range: "bytes=10-19" });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
  expect(await find(bob, done.id)).toMatchObject({ status: 404, body: { code: "unknown_export" } });
  const link = { token: bob.token, body: {} };
  expect((await api.call("POST", `/me/exports/${done.id}/link`, link)).status).toBe(404);
  expect((await api.call("DELETE", `/me/exports/${done.id}`, { token: ada.token })).status).toBe(204);
  expect((await find(ada, done.id)).body.state).toBe("expired");
  expect((await api.call("POST", `/me/exports/${done.id}/link`, { token: ada.token, body: {} })).status).toBe(404);
});

test("two requests at once are one export, and erasure ends it", async () => {
  const eve = await api.guest();
  const ask = () => api.call<DataExport>("POST", "/me/exports", { token: eve.token, body: {} });
  const [one, other] = await Promise.all([ask(), ask()]);
  expect(one.body.id).toBe(other.body.id);
  await world.store.erasures.request(eve.user.id, new Date(), { by: "operator" });
  const found = await world.store.exports.find(eve.user.id, one.body.id);
  expect(found === null || found.state === "expired").toBe(true);
});
