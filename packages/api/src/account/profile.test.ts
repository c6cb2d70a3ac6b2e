import { readdir } from "node:fs/promises";
import { type AccountInfo, HTTP_PREFIX, type Profile, type PublicProfile } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import sharp from "sharp";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";
import { FileSweep } from "../files/file-sweep.ts";
import { looksReserved, unicodeSkeletonOf } from "./look-alike.ts";

let world: World;
let api: TestApi;
let ada: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
  ada = await api.signup();
});
afterAll(() => world[Symbol.asyncDispose]());

const change = ({ token }: Person, body: object) => api.call("PATCH", "/me", { token, body });
const read = ({ token }: Person, { user }: Person) => api.call<PublicProfile>("GET", `/users/${user.id}`, { token });

test("a profile is changed by parts, and read by those who share a room", async () => {
  const other = await api.guest();
  await change(ada, { displayName: "Ada L.", timeZone: "Europe/London", about: "Engines.\nAnalytical ones." });
  expect(await change(ada, { about: null })).toMatchObject({ status: 200 });
  const whole = { displayName: "Ada L.", timeZone: "Europe/London" };
  expect((await read(ada, ada)).body).toEqual({ ...ada.user, isGuest: false, ...whole });
  expect(await read(other, ada)).toMatchObject({ status: 404, body: { code: "unknown_user" } });
  const room = await api.room(ada);
  await api.call("POST", `/rooms/${room.id}/join`, { token: other.token });
  expect((await read(other, ada)).body).toEqual({ ...ada.user, isGuest: false, ...whole });
  expect((await read(ada, other)).body).toEqual({ ...other.user, isGuest: true });
  await api.call("POST", `/rooms/${room.id}/leave`, { token: other.token });
  expect((await read(other, ada)).status).toBe(404);
  const own = await api.call<AccountInfo>("GET", "/me/account", { token: ada.token });
  expect(own.body).toMatchObject({ ...ada.user, ...whole, isGuest: false });
});

test.each([
  ["too many characters", { displayName: "x".repeat(65) }],
  ["too many bytes", { displayName: "\u{1f469}".repeat(64) }],
  ["nothing visible", { displayName: "\u200b\u200b" }],
  ["two lines", { displayName: "a\nb" }],
  ["a character that turns text around", { displayName: "a\u202eb" }],
  ["half a character", { about: "\ud800" }],
  ["U+0000", { about: "a\u0000" }],
  ["another control character", { about: "a\u001b[1m" }],
  ["a long text", { about: "x".repeat(501) }],
  ["a text of many bytes", { about: "\u{1f469}".repeat(400) }],
  ["a time zone that is none", { timeZone: "Europe/Atlantis" }],
  ["an offset", { timeZone: "+02:00" }],
  ["an unknown field", { username: "other" }],
])("a profile with %s is refused", async (_what, body) => {
  expect(await change(ada, body)).toMatchObject({ status: 400, body: { code: "bad_request" } });
});

test("a display name looks neither like a reserved name nor like the username of another account", async () => {
  const bob = await api.signup();
  await world.store.users.create({ username: "grace-hopper", passwordHash: "hash" });
  for (const displayName of [
    "Admin",
    "\u0430dmin",
    "\uff41\uff44\uff4d\uff49\uff4e",
    "Ad\u200bmin",
    "R00T",
    "h\u0435re",
    "Guest zoe",
  ]) {
    expect(await change(bob, { displayName })).toMatchObject({ status: 409, body: { code: "username_reserved" } });
  }
  for (const displayName of ["grace-hopper", "Gr\u0430ce Hopper", "\u{1d420}race_h0pper"]) {
    expect(await change(bob, { displayName })).toMatchObject({ status: 409, body: { code: "username_taken" } });
  }
  for (const displayName of [bob.user.username, "Jos\u00e9", "\u6771\u4eac", "\u0410\u043d\u043d\u0430"]) {
    expect(await change(bob, { displayName })).toMatchObject({ status: 200 });
  }
});

test("a guest has no profile, so that no guest looks like an account", async () => {
  expect(await change(await api.guest(), { displayName: "Ada" })).toMatchObject({
    status: 403,
    body: { code: "forbidden" },
  });
});

test("RESERVED_NAMES replaces the names, and frees no word of mentions", async () => {
  const strict = new TestApi(world, { RESERVED_NAMES: "captain" });
  const signup = async (username: string) =>
    (await strict.call("POST", "/auth/signup", { body: { username, password: "correct horse" } })).status;
  expect([await signup("captain"), await signup("here"), await signup("Channe1"), await signup("official")]).toEqual([
    409, 409, 409, 201,
  ]);
});

test("the skeleton of a username is the same in every script", () => {
  for (const name of ["ada", "modern", "vivian", "w1ll", "a_b.c-d"]) {
    expect(unicodeSkeletonOf(name)).toBe(unicodeSkeletonOf(name.toUpperCase()));
  }
  expect(unicodeSkeletonOf("\u0430d\u0430")).toBe(unicodeSkeletonOf("ada"));
  expect(looksReserved("\u03bfwner", ["owner"])).toBe(true);
  expect(looksReserved("Ada", ["owner"])).toBe(false);
});

const picture = (background: string) =>
  sharp({ create: { width: 2_000, height: 1_000, channels: 3, background } })
    .withExif({ IFD0: { Artist: "ada" } })
    .jpeg();

async function setAvatar({ token }: Person, body: Uint8Array): Promise<{ status: number; body: Profile }> {
  const init = { method: "PUT", body, duplex: "half", headers: { authorization: `Bearer ${token}` } };
  const response = await api.fetch(`${HTTP_PREFIX}/me/avatar`, init as RequestInit);
  return { status: response.status, body: (await response.json()) as Profile };
}

const getAvatar = ({ token }: Person, { user }: Person, avatar: string | undefined, size = "small", headers = {}) =>
  api.fetch(`${HTTP_PREFIX}/users/${user.id}/avatar/${avatar}?size=${size}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });

const contents = async () =>
  (await readdir(`${world.storageFolder}/content`, { recursive: true })).filter((name) => name.includes("."));

test("an avatar is encoded anew in two sizes, told in the profile, and shown to those who may see that", async () => {
  const [friend, stranger] = [await api.guest(), await api.guest()];
  const room = await api.room(ada);
  await api.call("POST", `/rooms/${room.id}/join`, { token: friend.token });
  const { status, body } = await setAvatar(ada, await picture("teal").toBuffer());
  expect(status).toBe(200);
  expect(body).toMatchObject({ avatar: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect((await read(friend, ada)).body.avatar).toBe(body.avatar);
  for (const [size, width] of [
    ["small", 320],
    ["large", 1_280],
  ] as const) {
    const shown = await getAvatar(friend, ada, body.avatar, size);
    expect(shown.headers.get("cache-control")).toMatch(/^private, max-age=\d+$/);
    expect(await sharp(await shown.arrayBuffer()).metadata()).toMatchObject({ format: "webp", width });
    const etag = { "if-none-match": shown.headers.get("etag") ?? "" };
    expect((await getAvatar(friend, ada, body.avatar, size, etag)).status).toBe(304);
  }
  expect((await getAvatar(stranger, ada, body.avatar)).status).toBe(404);
  expect((await getAvatar(friend, ada, "0".repeat(64))).status).toBe(404);
});

test("an avatar that is replaced or removed is shown no more, and its content is swept, but not one that others have", async () => {
  const sweep = new FileSweep({ ...world, unusedHours: 24, log: createLogger({ level: "silent", node: "test" }) });
  onTestFinished(() => sweep.close());
  const later = () => sweep.sweep(Date.now() + 3_600_000);
  const bob = await api.signup();
  const [red, blue] = [await picture("red").toBuffer(), await picture("blue").toBuffer()];
  const first = (await setAvatar(ada, red)).body.avatar;
  expect((await setAvatar(bob, red)).body.avatar).toBe(first);
  const second = (await setAvatar(ada, blue)).body.avatar;
  expect(second).not.toBe(first);
  expect((await getAvatar(ada, ada, first)).status).toBe(404);
  await later();
  expect((await getAvatar(bob, bob, first)).status).toBe(200);
  expect((await api.call("DELETE", "/me/avatar", { token: bob.token })).status).toBe(204);
  expect((await read(bob, bob)).body.avatar).toBeUndefined();
  expect((await getAvatar(bob, bob, first)).status).toBe(404);
  await later();
  const left = await contents();
  expect(left.filter((name) => name.includes(String(first)))).toEqual([]);
  expect(left.filter((name) => name.includes(String(second)))).toHaveLength(2);
  await world.store.erasures.request(ada.user.id, new Date(), { by: "operator" });
  await later();
  expect(await contents()).toEqual([]);
});

test("what is no picture, too large or of a guest becomes no avatar", async () => {
  const bob = await api.signup();
  for (const body of [Buffer.from("no picture"), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]), new Uint8Array()])
    expect(await setAvatar(bob, body)).toMatchObject({ status: 400, body: { code: "bad_request" } });
  const large = Buffer.alloc(8 * 1_048_576 + 1, 1);
  expect(await setAvatar(bob, large)).toMatchObject({ status: 413, body: { code: "file_too_large" } });
  expect(await setAvatar(await api.guest(), await picture("red").toBuffer())).toMatchObject({ status: 403 });
  expect(await contents()).toEqual([]);
  expect(await readdir(`${world.storageFolder}/staging`)).toEqual([]);
});
