import { readFileSync } from "node:fs";
import { HTTP_PREFIX } from "@hubbub/protocol";
import { expect, onTestFinished, test } from "vitest";
import { FakeServer, ROOM } from "../test/fake-server.ts";
import { HubbubHttp } from "./http.ts";

interface Route {
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
}

const document = new URL("../../../docs/openapi.json", import.meta.url);
const { paths } = JSON.parse(readFileSync(document, "utf8")) as { paths: Record<string, Record<string, Route>> };
const routes = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, route]) => ({ name: `${method.toUpperCase()} ${HTTP_PREFIX}${path}`, route })),
);

/** The route of the OpenAPI document that a request is for. @throws where the document has no such route or query */
function routeOf(request: string): string {
  const [method, target = ""] = request.split(" ");
  const { pathname, searchParams } = new URL(target, "http://server");
  const found = routes.find(({ name }) => {
    const pattern = name.replace(/[.+]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+");
    return new RegExp(`^${pattern}$`).test(`${method} ${pathname}`);
  });
  if (found === undefined) throw new Error(`the OpenAPI document has no ${method} ${pathname}`);
  const queries = found.route.parameters?.filter((parameter) => parameter.in === "query") ?? [];
  const unknown = [...searchParams.keys()].filter((key) => !queries.some(({ name }) => name === key));
  const missing = queries.filter(({ name, required }) => required && !searchParams.has(name));
  if (unknown.length + missing.length > 0) throw new Error(`${request} has another query than ${found.name}`);
  return found.name;
}

async function asking(body: object = {}) {
  const server = new FakeServer();
  const asked: string[] = [];
  const bodies: unknown[] = [];
  server.http = (request) => {
    asked.push(`${request.method} ${request.url}`);
    request.on("data", (data: Buffer) => bodies.push(JSON.parse(data.toString())));
    return { status: 200, body };
  };
  const url = await server.listen();
  onTestFinished(() => server.close());
  return { http: new HubbubHttp({ url, getToken: async () => "t" }), asked, bodies };
}

test("every route of messages has a call, and every call is a route", async () => {
  const { http, asked } = await asking({ revisions: [], messages: [{ kind: "message", seq: 7 }] });
  const { messages } = http;
  await http.history(ROOM, { before: 7, limit: 2 });
  await http.post(ROOM, { id: "i", text: "hello" });
  await http.search("tea");
  await messages.get(ROOM, 7);
  await messages.around(ROOM, 7);
  await messages.edit(ROOM, 7, "hello");
  await messages.delete(ROOM, 7);
  await messages.react(ROOM, 7, "👍");
  await messages.unreact(ROOM, 7, "a/b");
  await messages.pin(ROOM, 7);
  await messages.unpin(ROOM, 7);
  await messages.pins(ROOM);
  expect(await messages.revisions(ROOM, 7)).toEqual([]);
  await messages.thread(ROOM, 7);
  await messages.thread(ROOM, 7, 9);
  await messages.follow(ROOM, 7);
  await messages.unfollow(ROOM, 7);
  await messages.followed("1_2");
  await messages.markThreadRead(ROOM, 7, 9);
  await messages.markRead(ROOM, 7);
  const called = new Set(asked.map(routeOf));
  const isOfMessages = ({ name, route }: (typeof routes)[number]): boolean =>
    route.tags.includes("messages") || name === `PUT ${HTTP_PREFIX}/rooms/{id}/read`;
  const wanted = routes.filter(isOfMessages).map(({ name }) => name);
  expect(wanted.length).toBeGreaterThan(15);
  expect(wanted.filter((name) => !called.has(name))).toEqual([]);
});

test("a change has the id of the caller or a fresh one, and a message all that it may have", async () => {
  const { http, asked, bodies } = await asking();
  await http.messages.delete(ROOM, 7, { id: "mine" });
  await http.messages.pin(ROOM, 7);
  await http.messages.edit(ROOM, 7, "second", { id: "mine", baseSeq: 7 });
  await http.post(ROOM, { id: "i", text: "", replyTo: 1, thread: 2, broadcast: true, files: ["f"] });
  const path = `${HTTP_PREFIX}/rooms/${ROOM}/messages/7`;
  expect(asked[0]).toBe(`DELETE ${path}?id=mine`);
  expect(asked[1]).toMatch(/pin\?id=[A-Za-z0-9_-]{22,}$/);
  expect(bodies).toEqual([
    { id: "mine", text: "second", baseSeq: 7 },
    { id: "i", text: "", replyTo: 1, thread: 2, broadcast: true, files: ["f"] },
  ]);
});

test("what surrounds a message is two pages that meet at it; without the message there are none", async () => {
  const { http, asked } = await asking({ messages: [{ kind: "message", seq: 7 }] });
  const { older } = await http.messages.around(ROOM, 7, 10);
  expect(older.messages).toMatchObject([{ seq: 7 }]);
  const path = `GET ${HTTP_PREFIX}/rooms/${ROOM}/messages`;
  expect([...asked].sort()).toEqual([`${path}?after=7&limit=10`, `${path}?before=8&limit=10`]);
  await expect(http.messages.around(ROOM, 8)).rejects.toMatchObject({ code: "unknown_message" });
});
