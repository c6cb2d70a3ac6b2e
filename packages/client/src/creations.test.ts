import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { HubbubHttp } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";

interface Asked {
  readonly id: string;
  readonly username?: string;
}

/** A server whose answers fail with this status until it is set to 0; `asked`: the bodies it got. */
async function serving() {
  const asked: Asked[] = [];
  const failing = { status: 0, code: "" };
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      asked.push((await json(request)) as Asked);
      response.writeHead(failing.status || 201).end(JSON.stringify({ code: failing.code }));
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { http: new HubbubHttp({ url, getToken: () => Promise.resolve("t") }), asked, failing };
}

const CREATIONS = [
  ["/auth/signup", (http: HubbubHttp) => http.signup({ username: "ada", password: "a long password" })],
  ["/auth/guest", (http: HubbubHttp) => http.guest({ name: "ada" })],
  ["/rooms", (http: HubbubHttp) => http.createRoom({ name: "tea", visibility: "public" })],
] as const;

test.each(CREATIONS)(
  "G3 %s repeated after `unavailable` carries the same id, the next creation another",
  async (_path, create) => {
    const { http, asked, failing } = await serving();
    Object.assign(failing, { status: 503, code: "unavailable" });
    await expect(create(http)).rejects.toBeInstanceOf(HubbubError);
    failing.status = 0;
    await create(http);
    await create(http);
    const [first, again, next] = asked.map(({ id }) => id);
    expect(first).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
    expect(again).toBe(first);
    expect(next).not.toBe(first);
  },
);

test("a final refusal, other arguments and concurrent calls make separate creations", async () => {
  const { http, asked, failing } = await serving();
  const signup = (username: string) => http.signup({ username, password: "a long password" });
  Object.assign(failing, { status: 409, code: "username_taken" });
  await expect(signup("ada")).rejects.toMatchObject({ code: "username_taken" });
  Object.assign(failing, { status: 503, code: "unavailable" });
  await Promise.allSettled([signup("ada"), signup("bob")]);
  failing.status = 0;
  await Promise.all([signup("ada"), signup("ada"), signup("bob")]);
  const idsOf = (name: string) => asked.filter(({ username }) => username === name).map(({ id }) => id);
  expect(new Set(idsOf("ada")).size).toBe(3);
  expect(new Set(idsOf("bob")).size).toBe(1);
});

test("the caller's own id is used", async () => {
  const { http, asked } = await serving();
  await http.createRoom({ id: "mine", name: "tea", visibility: "public" });
  expect(asked).toMatchObject([{ id: "mine" }]);
});
