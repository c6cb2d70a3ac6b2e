import { expect, onTestFinished, test } from "vitest";
import { FakeServer, ROOM } from "../test/fake-server.ts";
import { HubbubHttp } from "./http.ts";

type Reply = NonNullable<ReturnType<FakeServer["http"]>>;

/** A server that gives these answers one after the other, and what it was asked. */
async function serving(...replies: Reply[]) {
  const server = new FakeServer();
  const asked: string[] = [];
  server.http = ({ method, url, headers }) => {
    asked.push(`${method} ${url} ${headers.authorization ?? ""}`.trim());
    return replies.shift();
  };
  const url = await server.listen();
  onTestFinished(() => server.close());
  return { url, asked };
}

test("a refused token is exchanged once and the call repeated", async () => {
  const refusal = { status: 401, body: { code: "bad_token" } };
  const { url, asked } = await serving(refusal, { status: 200, body: { rooms: [] } });
  const http = new HubbubHttp({ url: `${url}/`, getToken: async (fresh) => (fresh ? "fresh" : "stale") });
  expect(await http.listRooms({ joined: true, query: "a b" })).toEqual({ rooms: [] });
  const call = "GET /api/v1/rooms?joined=true&query=a+b Bearer";
  expect(asked).toEqual([`${call} stale`, `${call} fresh`]);
});

test("a problem becomes an error with its code, status and retry delay", async () => {
  const problem = {
    code: "rate_limited",
    detail: "slowly",
    retryAfterMs: 250,
    limit: { name: "user_rooms", count: 1, left: 0 },
  };
  const { url } = await serving({ status: 429, body: problem });
  const error = await new HubbubHttp({ url }).guest().catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    name: "HubbubError",
    code: "rate_limited",
    status: 429,
    retryAfterMs: 250,
    limit: problem.limit,
    message: "slowly",
  });
});

test("an unknown code is judged by its status", async () => {
  const { url } = await serving({ status: 503, body: { code: "of_the_future" } }, { status: 404, body: {} });
  const http = new HubbubHttp({ url, getToken: () => Promise.resolve("t") });
  await expect(http.history(ROOM)).rejects.toSatisfy((error) => error.code === "unavailable" && error.shouldRetry());
  await expect(http.history(ROOM)).rejects.toSatisfy(
    (error) => error.code === "unexpected_answer" && !error.shouldRetry(),
  );
});

test("a missing server is unreachable, and without a login no request is sent", async () => {
  const http = new HubbubHttp({ url: "http://127.0.0.1:9" });
  await expect(http.guest()).rejects.toMatchObject({ code: "unreachable" });
  await expect(http.me()).rejects.toMatchObject({ code: "bad_token" });
});
