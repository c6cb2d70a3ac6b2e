import { expect, onTestFinished, test, vi } from "vitest";
import { FakeHub, LOBBY, REFUSED, TOKENS } from "../test/fake-hub.ts";
import { start, subscribed } from "../test/start.ts";

test("a wrong command line ends with 2 and a hint", async () => {
  const { exitCode, err } = await start("dance");
  expect(await exitCode).toBe(2);
  expect(err()).toContain("hubbub --help");
});

test("a missing server ends with 1 and a hint", async () => {
  const { exitCode, err } = await start("rooms", "--server", "http://127.0.0.1:9");
  expect(await exitCode).toBe(1);
  expect(err()).toContain("cannot reach http://127.0.0.1:9 (from --server): ");
  const guest = await start("tail", "lobby", "--guest", "--server", "http://127.0.0.1:9");
  expect(await guest.exitCode).toBe(1);
  expect(guest.err()).toContain("npm start");
});

test.each([
  ["ws://HOST", 0, "lobby"],
  ["ws://HOST/ws", 0, "lobby"],
  ["http://HOST/", 0, "lobby"],
  ["https://HOST", 1, "does not speak TLS on this port"],
  ["wss://HOST/ws", 1, "cannot reach https://"],
  ["HOST", 2, "takes a URL like http://127.0.0.1"],
  ["ftp://HOST", 2, "takes a URL like http://127.0.0.1:8080, not ftp:"],
  ["http://127.0.0.1:65535", 1, "nothing listens on this address and port"],
])("the server may be named as %s: ends with %i and %s", async (named, code, said) => {
  const hub = new FakeHub();
  const server = await hub.listen();
  onTestFinished(() => hub.close());
  const url = named.replace("HOST", new URL(server).host);
  const { stdin, exitCode, out, err } = await start("chat", "lobby", "--guest", "--server", url);
  stdin.end(".quit\n");
  expect(await exitCode).toBe(code);
  expect(out() + err()).toContain(said);
});

test("send ends with 0 once the message is acked, stdin is sent line by line", async () => {
  const one = await start("send", "lobby", "hello", "there", "--guest");
  expect(await one.exitCode).toBe(0);
  expect(one.hub.log).toMatchObject([{ text: "hello there" }]);
  const many = await start("send", LOBBY.id, "--guest");
  many.stdin.end("a\n\nb\nc");
  expect(await many.exitCode).toBe(0);
  expect(many.hub.log).toMatchObject([{ text: "a" }, { text: "b" }, { text: "c" }]);
});

test("send names the line that was not acked", async () => {
  const { hub, stdin, exitCode, err } = await start("send", LOBBY.id, "--guest");
  stdin.end(`a\n${REFUSED}\nc`);
  expect(await exitCode).toBe(1);
  expect(hub.log).toMatchObject([{ text: "a" }]);
  expect(err()).toContain(`no ack came for: ${REFUSED}\n`);
});

test("G1 tail --json is one event per line in order, gaps too, and an interrupt ends it with 0", async () => {
  const { hub, out, interrupt, exitCode } = await start("tail", "lobby", "--json", "--since", "0", "--guest");
  await subscribed(hub);
  hub.say("first");
  hub.broadcast({ type: "gap", room: LOBBY.id, from: 2, to: 4, reason: "retention" });
  await vi.waitFor(() => expect(out().trim().split("\n")).toHaveLength(2));
  const [first, second] = out()
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(first).toMatchObject({ type: "event", seq: 1, text: "first" });
  expect(second).toEqual({ type: "gap", room: LOBBY.id, from: 2, to: 4, reason: "retention" });
  interrupt();
  expect(await exitCode).toBe(0);
  expect(hub.received.at(-1)).toEqual({ type: "bye" });
});

test("tail ends with 0 when its output is closed", async () => {
  const { hub, stdout, exitCode } = await start("tail", "lobby", "--json", "--guest");
  await subscribed(hub);
  stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  expect(await exitCode).toBe(0);
});

test("what is said of the newest own message is done to the one that was typed before, though its event is on its way", async () => {
  const { hub, stdin } = await start("chat", "lobby", "--guest");
  hub.say("from before", TOKENS.user);
  await subscribed(hub);
  hub.replies["GET me"] = [{ status: 200, body: { user: TOKENS.user, sessionId: "s" } }];
  // The first command asks who the user is, so that the last one has nothing else to wait for.
  stdin.write(".edit #99 nothing\na slip\n.delete\n");
  await vi.waitFor(() => expect(hub.received).toContainEqual(expect.objectContaining({ type: "delete" })));
  expect(hub.received).toContainEqual(expect.objectContaining({ type: "delete", target: 2 }));
});

test("chat shows the history, sends typed lines, answers dot commands, and .quit sends bye", async () => {
  const { hub, stdin, out, exitCode } = await start("chat", "lobby", "--guest");
  hub.say("from before");
  await subscribed(hub);
  stdin.write("hello\n.members\n.dance\n");
  await vi.waitFor(() => expect(out()).toContain(".usage lists"));
  stdin.write(".quit\n");
  expect(await exitCode).toBe(0);
  expect(out()).toContain("ada  hello");
  expect(out()).toContain("● ada owner");
  expect(hub.received.at(-1)).toEqual({ type: "bye" });
});
