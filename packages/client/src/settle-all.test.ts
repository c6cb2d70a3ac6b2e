import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { callAll } from "../test/call-all.ts";
import { FakeServer } from "../test/fake-server.ts";
import { createClient } from "./client.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const SETTLED_MS = 5_000;
async function outcomesOf(promises: Map<string, Promise<unknown>>): Promise<Map<string, string>> {
  const late = new Promise((resolve) => setTimeout(() => resolve("late"), SETTLED_MS));
  const outcomes = [...promises].map(async ([name, promise]) => {
    const settled = promise.then(
      () => "resolved",
      (error: unknown) => (error instanceof Error ? `${error.name} ${error.message}` : String(error)),
    );
    return [name, await Promise.race([settled, late])] as [string, string];
  });
  return new Map(await Promise.all(outcomes));
}

const isWrong = ([, outcome]: [string, string]) => outcome !== "resolved" && !outcome.startsWith("HubbubError");

async function connected(prepare: (server: FakeServer) => void) {
  const server = new FakeServer();
  prepare(server);
  const client = createClient({ url: await server.listen(), getToken: async () => "token" });
  onTestFinished(() => server.close());
  await client.connect();
  return { server, client };
}

test("every call to a server that refuses, or does not answer, settles with a HubbubError by the end of the client", async () => {
  const { client } = await connected((server) => {
    server.intercept = (frame) => frame.type !== "hello" && frame.type !== "bye";
    server.http = () => ({ status: 400, body: { code: "bad_request" } });
  });
  const promises = callAll(client);
  expect(promises.size).toBeGreaterThan(100);
  const outcomes = outcomesOf(promises);
  await client.close({ waitMs: 0 });
  expect([...(await outcomes)].filter(isWrong)).toEqual([]);
}, 30_000);

test("every call after the end of the client settles, with a HubbubError or with nothing", async () => {
  const { client, server } = await connected(() => undefined);
  await client.close();
  server.http = () => ({ status: 200, body: {} });
  const outcomes = await outcomesOf(callAll(client));
  expect([...outcomes].filter(isWrong)).toEqual([]);
  for (const name of ["Room.publish", "Room.edit", "Room.subscribe", "Client.connect", "Timeline.send"]) {
    expect(`${name}: ${outcomes.get(name)}`).toBe(`${name}: HubbubError the client was closed`);
  }
}, 30_000);

test("every call while the server is away settles with a HubbubError by the end of the client", async () => {
  const { client, server } = await connected(() => undefined);
  await server.close();
  const outcomes = outcomesOf(callAll(client));
  await client.close({ waitMs: 0 });
  expect([...(await outcomes)].filter(isWrong)).toEqual([]);
}, 30_000);
