import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { FakeServer, ROOM } from "../test/fake-server.ts";
import { startWired } from "../test/wired.ts";
import { createClient } from "./client.ts";
import { HubbubHttp } from "./http.ts";

/** Rejections that nobody looked at end a Node process. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  // They are reported behind the microtasks of the turn in which they happen.
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const listener = { onEvent: () => undefined };

test("a url without http or https is refused at once, with a code", () => {
  for (const url of ["", "localhost:8080", "127.0.0.1:8080", "ftp://host", "http://"]) {
    const wanted = expect.objectContaining({ name: "HubbubError", code: "bad_url" });
    expect(() => createClient({ url, getToken: async () => "token" })).toThrow(wanted);
    expect(() => new HubbubHttp({ url })).toThrow(wanted);
  }
});

test("a truncated body, a body that is not JSON, and a null body reject with a HubbubError", async () => {
  const broken = createServer((request, response) => {
    if (request.url?.endsWith("/guest")) {
      response.writeHead(200, { "content-length": "1000" }).write("{");
      setTimeout(() => response.destroy(), 20);
    } else if (request.url?.endsWith("/login")) response.writeHead(200).end("<html>");
    else response.writeHead(502).end("null");
  });
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void broken.close());
  const http = new HubbubHttp({ url: `http://127.0.0.1:${(broken.address() as AddressInfo).port}` });
  await expect(http.guest()).rejects.toMatchObject({ name: "HubbubError", code: "unreachable" });
  await expect(http.login({ username: "a", password: "b" })).rejects.toMatchObject({ code: "unexpected_answer" });
  await expect(http.refresh("r")).rejects.toMatchObject({ name: "HubbubError", code: "unavailable" });
});

test.each<[string, () => Promise<string>]>([
  ["rejects", () => Promise.reject(new TypeError("fetch failed"))],
  ["rejects with no error", () => Promise.reject(undefined)],
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
  ["gives nothing", () => Promise.resolve(undefined as unknown as string)],
])("a getToken that %s once is asked again, and the client connects", async (_what, fail) => {
  const server = new FakeServer();
  const url = await server.listen();
  let asked = 0;
  const client = createClient({
    url,
    getToken: () => {
      asked += 1;
      return asked === 1 ? fail() : Promise.resolve("token");
    },
  });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  await client.connect();
  expect(asked).toBe(2);
  asked = 0;
  await expect(client.http.me()).rejects.toMatchObject({ name: "HubbubError", code: "no_token" });
});

test("after close and after a revocation publish and subscribe settle at once with closed", async () => {
  for (const end of ["close", "revocation"]) {
    const { server, client, room } = await startWired();
    if (end === "close") await client.close();
    else server.disconnect(4501);
    await vi.waitFor(() => expect(client.state.state).toBe("closed"));
    for (const one of [room, client.room(ROOM), client.room("01920000-0000-7000-8000-000000000009")]) {
      await expect(one.publish("late")).rejects.toMatchObject({ name: "HubbubError", code: "closed" });
      await expect(one.subscribe(listener)).rejects.toMatchObject({ name: "HubbubError", code: "closed" });
    }
  }
});

test("subscribe, unsubscribe and subscribe again gives each event once, if nobody awaits the first", async () => {
  const { server, client } = await startWired();
  const room = client.room(ROOM);
  const seen: number[] = [];
  void room.subscribe(listener);
  room.unsubscribe();
  await room.subscribe({ onEvent: ({ seq }) => seen.push(seq) });
  server.say("one");
  await vi.waitFor(() => expect(seen).toEqual([1]));
});

test("close waits for the acks of published events, up to its bound", async () => {
  const { server, client, room } = await startWired();
  const published = room.publish("bye");
  await client.close();
  await expect(published).resolves.toMatchObject({ seq: 1 });
  expect(server.log.map((event) => event.kind === "message" && event.text)).toEqual(["bye"]);
  const other = await startWired();
  other.server.intercept = ({ type }) => type === "publish";
  void other.room.publish("never acked");
  await other.client.close({ waitMs: 50 });
  expect(other.client.state.state).toBe("closed");
});

test("close waits for the acks of changes, too, and no change behind another one is cut off", async () => {
  const { server, client, room } = await startWired();
  server.intercept = (frame, connection) => {
    if (frame.type !== "edit" && frame.type !== "pin") return undefined;
    setTimeout(() => connection.send({ type: "ack", ref: frame.ref, room: ROOM, seq: 9, epoch: 1, at: 0 }), 50);
    return true;
  };
  const changes = [room.edit(1, "changed"), room.pin(1)];
  await client.close();
  expect(await Promise.all(changes)).toMatchObject([{ seq: 9 }, { seq: 9 }]);
  expect(server.received.at(-1)?.type).toBe("bye");
});

test("a closed client leaves no timer that keeps its process alive", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const { server, client, room } = await startWired();
  server.intercept = ({ type }) => type === "publish";
  void room.publish("unsettled");
  room.unsubscribe();
  await client.close({ waitMs: 20 });
  for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(timers()).toBeLessThanOrEqual(before);
});

test("wherever the exchange breaks, connect, publish and close settle and nothing is unhandled", async () => {
  const points = ["hello", "subscribe", "publish", "ping", "bye"] as const;
  for (const point of points) {
    for (const how of ["cut", "close", "nonsense", "null", "silence"] as const) {
      const server = new FakeServer();
      let isBroken = false;
      server.intercept = (frame, connection) => {
        if (frame.type !== point || isBroken) return;
        isBroken = true;
        if (how === "cut") connection.socket.terminate();
        else if (how === "close") connection.socket.close(4009);
        else if (how !== "silence") connection.socket.send(how === "null" ? "null" : "{");
        return true;
      };
      const client = createClient({ url: await server.listen(), getToken: () => Promise.resolve("token") });
      if (how !== "silence" || point === "bye" || point === "ping") await client.connect();
      else void client.connect();
      const room = client.room(ROOM);
      void room.subscribe(listener);
      const published = room.publish("hello");
      await client.close({ waitMs: how === "silence" ? 20 : 2_000 });
      await published.catch((error: unknown) => expect(error).toMatchObject({ name: "HubbubError" }));
      await server.close();
    }
  }
}, 60_000);

test("an unreachable server is reported with the reason of the platform", async () => {
  const server = new FakeServer();
  const url = await server.listen();
  await server.close();
  await expect(new HubbubHttp({ url }).guest()).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});
