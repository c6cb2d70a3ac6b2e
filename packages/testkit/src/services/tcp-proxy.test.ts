import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Disposal } from "../disposal.ts";
import { eventually } from "../eventually.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let owned: Disposal;
let proxy: TcpProxy;
let served: Socket[];

/** Echoes, through the proxy. */
beforeEach(async () => {
  owned = new Disposal();
  served = [];
  const server = createServer((socket) => {
    served.push(socket);
    socket.on("error", () => undefined).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  owned.use({
    async [Symbol.asyncDispose]() {
      for (const socket of served) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
  proxy = owned.use(await startTcpProxy((server.address() as AddressInfo).port));
});
afterEach(() => owned[Symbol.asyncDispose]());

async function visit() {
  const socket = connect(proxy.port, "127.0.0.1");
  const got = { text: "", ended: null as string | null };
  socket.setEncoding("utf8").on("data", (text: string) => {
    got.text += text;
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    got.ended = error.code ?? error.message;
  });
  socket.on("close", () => {
    got.ended ??= "close";
  });
  owned.use({ [Symbol.asyncDispose]: async () => void socket.destroy() });
  await once(socket, "connect");
  return { socket, got };
}

const comes = (got: { text: string }, text: string) => eventually(() => expect(got.text).toBe(text));
const quiet = () => new Promise((resolve) => setTimeout(resolve, 60));

test("everything passes, and an end is passed on behind the last byte", async () => {
  const { socket, got } = await visit();
  const big = "x".repeat(3_000_000);
  socket.end(big);
  await eventually(() => expect(got).toEqual({ text: big, ended: "close" }));
  await eventually(() => expect(proxy.connections).toBe(0));
});

test("a cut resets both sides, and the next connection passes", async () => {
  const { socket, got } = await visit();
  socket.write("a");
  await comes(got, "a");
  expect(proxy.cut()).toBe(1);
  await eventually(() => expect(got.ended).toBe("ECONNRESET"));
  await eventually(() => expect(served.every(({ destroyed }) => destroyed)).toBe(true));
  const next = await visit();
  next.socket.write("b");
  await comes(next.got, "b");
});

test("a severed link resets every new connection until it is healed", async () => {
  proxy.sever();
  const refused = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
  await new Promise((resolve) => refused.once("close", resolve));
  proxy.heal();
  const next = await visit();
  next.socket.write("b");
  await comes(next.got, "b");
});

test.each(["up", "down", "both"] as const)(
  "held %s, a connection stays open and gets everything later",
  async (way) => {
    const { socket, got } = await visit();
    proxy.hold(way);
    socket.write("late");
    await quiet();
    expect(got).toEqual({ text: "", ended: null });
    expect(served[0]?.bytesRead).toBe(way === "down" ? 4 : 0);
    proxy.heal();
    await comes(got, "late");
  },
);

test("a side that leaves a held link is not missed by the other until the link is healed", async () => {
  const { socket, got } = await visit();
  socket.write("a");
  await comes(got, "a");
  proxy.hold("both");
  socket.resetAndDestroy();
  await quiet();
  expect(served[0]?.destroyed).toBe(false);
  proxy.heal();
  await eventually(() => expect(served[0]?.destroyed).toBe(true));
});

test("only connections that opened with the chosen words are held", async () => {
  const [chosen, other] = [await visit(), await visit()];
  chosen.socket.write("i am the subscriber");
  await comes(chosen.got, "i am the subscriber");
  proxy.hold("down", { opening: "subscriber" });
  chosen.socket.write("?");
  other.socket.write("?");
  await comes(other.got, "?");
  await quiet();
  expect(chosen.got.text).toBe("i am the subscriber");
  const later = await visit();
  later.socket.write("another subscriber");
  await quiet();
  expect(later.got.text).toBe("");
});

test("only connections that are open are held, when that is asked for", async () => {
  const old = await visit();
  old.socket.write("old");
  await comes(old.got, "old");
  proxy.hold("both", { only: "open" });
  old.socket.write("?");
  const later = await visit();
  later.socket.write("new");
  await comes(later.got, "new");
  expect(old.got.text).toBe("old");
});

test("a delay keeps the order, and healing lets out what waits", async () => {
  const { socket, got } = await visit();
  proxy.delay(150, "up");
  const start = performance.now();
  for (const letter of "abc") socket.write(letter);
  await comes(got, "abc");
  expect(performance.now() - start).toBeGreaterThanOrEqual(145);
  proxy.delay(60_000);
  socket.write("d");
  await quiet();
  proxy.heal();
  await comes(got, "abcd");
});

test("a throttled link carries its bytes a second, and does not take in more than it must", async () => {
  proxy.throttle(1_000_000, "down");
  const { socket, got } = await visit();
  const start = performance.now();
  socket.write("x".repeat(300_000));
  await eventually(() => expect(got.text).toHaveLength(300_000));
  expect(performance.now() - start).toBeGreaterThanOrEqual(250);
});
