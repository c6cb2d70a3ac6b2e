import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type FileLinks, HTTP_PREFIX, type Problem, type Room, type UploadedFile } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";
import { FileSweep } from "./files/file-sweep.ts";

const HOUR_MS = 3_600_000;
let world: World;
let api: TestApi;
let ada: Person;
let bob: Person;
let stranger: Person;
let room: Room;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, {
    FILE_MAX_BYTES: "2000000",
    IMAGE_MAX_PIXELS: "1000000",
    UPLOADS_PER_MINUTE_PER_USER: "10000",
  });
  [ada, bob, stranger] = [await api.guest(), await api.guest(), await api.guest()];
  room = await api.room(ada);
  await api.call("POST", `/rooms/${room.id}/join`, { token: bob.token });
});
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
});

type Body = NonNullable<RequestInit["body"]>;

let uploads = 0;
interface Sent {
  readonly by?: Person;
  readonly id?: string;
  readonly name?: string;
  readonly to?: TestApi;
  readonly headers?: Record<string, string>;
}

function put(body: Body, { by = ada, id = `u${++uploads}`, name = "a file.bin", to = api, headers }: Sent = {}) {
  const path = `${HTTP_PREFIX}/rooms/${room.id}/files?${new URLSearchParams({ id, name })}`;
  const init = { method: "PUT", body, duplex: "half", headers: { authorization: `Bearer ${by.token}`, ...headers } };
  return to.fetch(path, init as RequestInit);
}

async function upload(body: Body, sent: Sent = {}): Promise<UploadedFile> {
  const response = await put(body, sent);
  expect(response.status).toBe(201);
  return (await response.json()) as UploadedFile;
}

function get(file: Pick<UploadedFile, "id">, headers: Record<string, string> = {}, by = bob, rest = "") {
  const path = `${HTTP_PREFIX}/rooms/${room.id}/files/${file.id}${rest}`;
  return api.fetch(path, { headers: { authorization: `Bearer ${by.token}`, ...headers } });
}

const codeOf = async (response: Response) => [response.status, ((await response.json()) as Problem).code];
/** The content is not read: it must be let go all the same. */
async function statusOf(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}
const staged = async () => (await readdir(join(world.storageFolder, "staging"))).length;
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "teal" } });

test("a file is uploaded once for its id, and members read it", async () => {
  const content = randomBytes(700_000);
  const file = await upload(content, { id: "mine", name: "../../etc/Müsli\u202e.bin" });
  expect(file).toMatchObject({ room: room.id, name: "Müsli.bin", bytes: 700_000, type: "application/octet-stream" });
  const again = await put("something else", { id: "mine" });
  expect([again.status, await again.json()]).toEqual([200, file]);
  const read = await get(file);
  expect(Buffer.from(await read.arrayBuffer()).equals(content)).toBe(true);
  expect(Object.fromEntries(read.headers)).toMatchObject({
    "content-length": "700000",
    "content-disposition": `attachment; filename="M?sli.bin"; filename*=UTF-8''M%C3%BCsli.bin`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, max-age=3600",
    "accept-ranges": "bytes",
    etag: `"${createHash("sha256").update(content).digest("hex")}"`,
  });
  expect(await staged()).toBe(0);
});

test("who is no member neither uploads nor reads, and a file is found only in its room", async () => {
  const file = await upload("hello");
  expect(await codeOf(await put("hello", { by: stranger }))).toEqual([403, "not_member"]);
  expect(await codeOf(await get(file, {}, stranger))).toEqual([403, "not_member"]);
  const other = await api.room(stranger);
  const path = `/rooms/${other.id}/files/${file.id}`;
  expect(await api.call("GET", path, { token: stranger.token })).toMatchObject({ body: { code: "unknown_file" } });
});

test("a message names files of its author, and history tells what they are", async () => {
  const [photo, notes] = [
    await upload(await picture(30, 20).png().toBuffer(), { name: "p.png" }),
    await upload("notes"),
  ];
  const post = (by: Person, body: object) => api.call("POST", `/rooms/${room.id}/messages`, { token: by.token, body });
  const { room: _room, ...photoInfo } = photo;
  const { room: _same, ...notesInfo } = notes;
  expect(await post(bob, { id: "b1", text: "mine?", files: [photo.id] })).toMatchObject({
    body: { code: "unknown_file" },
  });
  const message = { id: "a1", text: "", files: [notes.id, photo.id] };
  expect((await post(ada, message)).status).toBe(201);
  expect((await post(ada, message)).status).toBe(200);
  expect(await post(ada, { id: "a2", text: "again", files: [photo.id] })).toMatchObject({
    body: { code: "unknown_file" },
  });
  expect(await post(ada, { id: "a3", text: "" })).toMatchObject({ status: 400, body: { code: "bad_request" } });
  const page = await api.call<{ messages: object[] }>("GET", `/rooms/${room.id}/messages`, { token: bob.token });
  expect(page.body.messages.at(-1)).toMatchObject({ kind: "message", text: "", files: [notesInfo, photoInfo] });
  expect(photoInfo).toMatchObject({ name: "p.png", type: "image/png", width: 30, height: 20 });
});

test.each([
  ["its Content-Length", { "content-length": "2000001" }, new Uint8Array(10)],
  ["its bytes", {}, new Uint8Array(2_000_001)],
])("G8 a file that is too large by %s is refused, and nothing stays", async (_what, headers, body) => {
  expect(await codeOf(await put(body, { headers }))).toEqual([413, "file_too_large"]);
  expect(await staged()).toBe(0);
});

test("G8 quotas of user and room hold, and deleted files give back what they took", async () => {
  const small = new TestApi(world, { FILE_BYTES_PER_USER: "100000", FILE_BYTES_PER_ROOM: "100000000" });
  const carl = await api.guest();
  await api.call("POST", `/rooms/${room.id}/join`, { token: carl.token });
  const sent = { by: carl, to: small };
  const file = await upload(randomBytes(60_000), sent);
  expect(await codeOf(await put(randomBytes(60_000), sent))).toEqual([507, "quota_exceeded"]);
  expect(await staged()).toBe(0);
  await api.call("DELETE", `/rooms/${room.id}/files/${file.id}`, { token: carl.token });
  await new FileSweep({ ...world, unusedHours: 24, log: createLogger({ level: "silent", node: "test" }) }).sweep(
    Date.now(),
  );
  await upload(randomBytes(60_000), sent);
  const full = new TestApi(world, { FILE_BYTES_PER_ROOM: "0" });
  expect(await codeOf(await put("x", { to: full }))).toEqual([507, "quota_exceeded"]);
  await Promise.all([small.close(), full.close()]);
});

test("G8 uploads of one user at once are bounded, and the place is free again when one ends", async () => {
  const narrow = new TestApi(world, { UPLOADS_AT_ONCE_PER_USER: "1" });
  let finish: () => void = () => undefined;
  const slow = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(5));
      finish = () => controller.close();
    },
  });
  const first = put(slow, { to: narrow });
  await expect.poll(staged, { timeout: 10_000 }).toBe(1);
  expect(await codeOf(await put("x", { to: narrow }))).toEqual([429, "rate_limited"]);
  expect((await put("x", { to: narrow, by: bob })).status).toBe(201);
  finish();
  expect((await first).status).toBe(201);
  expect((await put("x", { to: narrow })).status).toBe(201);
  await narrow.close();
});

test("a client that leaves in the middle leaves nothing behind", async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(100_000));
      controller.error(new Error("gone"));
    },
  });
  await expect(put(broken, { id: "left" })).rejects.toThrow("gone");
  expect(await staged()).toBe(0);
  expect((await put("whole", { id: "left" })).status).toBe(201);
});

test.each([
  [
    "a photo",
    async () =>
      picture(300, 200)
        .withExif({ IFD0: { ImageDescription: "secret" } })
        .jpeg()
        .toBuffer(),
    "image/jpeg",
    "inline",
  ],
  ["an SVG", async () => `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "text/plain", "attachment"],
  ["a page", async () => "<!doctype html><script>alert(1)</script>", "text/plain", "attachment"],
  ["a bomb", async () => picture(2_000, 2_000).png().toBuffer(), "application/octet-stream", "attachment"],
  [
    "half a picture",
    async () => (await picture(500, 500).png().toBuffer()).subarray(0, 300),
    "application/octet-stream",
    "attachment",
  ],
  ["a PDF", async () => "%PDF-1.7 and so on", "application/pdf", "attachment"],
  [
    "sound",
    async () =>
      Buffer.concat([
        Buffer.from("ID3\u0003\u0000\u0000\u0000\u0000\u0000\u0000"),
        Buffer.from([0xff, 0xfb, 0x90, 0]),
        Buffer.alloc(2_000),
      ]),
    "audio/mpeg",
    "inline",
  ],
])("%s is served as what it is", async (_what, make, type, disposition) => {
  const file = await upload(await make(), { name: "harmless.png" });
  expect(file.type).toBe(type);
  const read = await get(file);
  expect(read.headers.get("content-type")).toMatch(new RegExp(`^${type}`));
  expect(read.headers.get("content-disposition")).toMatch(new RegExp(`^${disposition};`));
  expect(Buffer.from(await read.arrayBuffer()).includes("secret")).toBe(false);
  expect(await statusOf(await get(file, {}, bob, "/thumbnail?size=small"))).toBe(type === "image/jpeg" ? 200 : 404);
});

test("a picture has thumbnails in two sizes", async () => {
  const file = await upload(await picture(900, 600).jpeg().toBuffer());
  for (const [size, width] of [
    ["small", 320],
    ["large", 900],
  ] as const) {
    const read = await get(file, {}, bob, `/thumbnail?size=${size}`);
    expect(read.headers.get("content-type")).toBe("image/webp");
    expect((await sharp(await read.arrayBuffer()).metadata()).width).toBe(width);
    const etag = read.headers.get("etag") ?? "";
    expect(await statusOf(await get(file, { "if-none-match": etag }, bob, `/thumbnail?size=${size}`))).toBe(304);
  }
});

test("a download goes on where it stopped, and what a client has already is not sent", async () => {
  const content = randomBytes(1_000);
  const file = await upload(content);
  const part = await get(file, { range: "bytes=990-" });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 990-999/1000"]);
  expect(part.headers.get("content-length")).toBe("10");
  expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(990))).toBe(true);
  const beyond = await get(file, { range: "bytes=1000-" });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
  expect(await codeOf(beyond)).toEqual([416, "bad_range"]);
  expect(await statusOf(await get(file, { "if-none-match": part.headers.get("etag") ?? "" }))).toBe(304);
  expect(await statusOf(await get(await upload("")))).toBe(200);
});

test("a link works without a header for its file and its user, until it ends or the user leaves", async () => {
  const dora = await api.guest();
  await api.call("POST", `/rooms/${room.id}/join`, { token: dora.token });
  const [file, other] = [await upload(await picture(20, 20).png().toBuffer()), await upload("other")];
  const body = { files: [file.id, other.id, crypto.randomUUID().replace(/^.{14}./, (id) => `${id.slice(0, 14)}7`)] };
  const answer = await api.call<FileLinks>("POST", `/rooms/${room.id}/files/links`, { token: dora.token, body });
  const { links, expiresAt } = answer.body;
  expect(links).toHaveLength(2);
  expect(expiresAt - Date.now()).toBeGreaterThanOrEqual(900_000 - 1_000);
  const link = links.find(({ file: id }) => id === file.id);
  const url = link?.url ?? "";
  expect(await statusOf(await api.fetch(url))).toBe(200);
  expect(await statusOf(await api.fetch(link?.thumbnails?.small ?? ""))).toBe(200);
  expect(links.find(({ file: id }) => id === other.id)?.thumbnails).toBeUndefined();
  for (const wrong of [
    url.replace(file.id, other.id),
    url.replace(dora.user.id, bob.user.id),
    `${url}x`,
    url.replace(/link=./, "link=z"),
  ]) {
    expect(await codeOf(await api.fetch(wrong))).toEqual([401, "bad_token"]);
  }
  const repeated = await api.call<FileLinks>("POST", `/rooms/${room.id}/files/links`, { token: dora.token, body });
  if (repeated.body.expiresAt === expiresAt) expect(repeated.body.links).toEqual(links);
  await api.call("POST", `/rooms/${room.id}/leave`, { token: dora.token });
  expect(await codeOf(await api.fetch(url))).toEqual([403, "not_member"]);
});

test("author and owners delete a file, others do not; its content goes with the last file that has it", async () => {
  const content = randomBytes(5_000);
  const [first, second] = [await upload(content, { by: bob, id: "gone" }), await upload(content)];
  const remove = (file: UploadedFile, by: Person) =>
    api.call("DELETE", `/rooms/${room.id}/files/${file.id}`, { token: by.token });
  expect(await remove(second, bob)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await remove(first, ada)).status).toBe(204);
  expect((await remove(first, ada)).status).toBe(404);
  expect(await statusOf(await get(first))).toBe(404);
  expect(await codeOf(await put("anew", { by: bob, id: "gone" }))).toEqual([404, "unknown_file"]);
  const sweep = new FileSweep({ ...world, unusedHours: 24, log: createLogger({ level: "silent", node: "test" }) });
  await sweep.sweep(Date.now());
  await sweep.sweep(Date.now() + HOUR_MS / 2);
  expect(await statusOf(await get(second))).toBe(200);
  await remove(second, ada);
  await sweep.sweep(Date.now());
  await sweep.sweep(Date.now() + HOUR_MS / 2);
  await expect(world.storage.read(createHash("sha256").update(content).digest("hex"))).rejects.toThrow("no content");
});
