import { expect, test, vi } from "vitest";
import { LOBBY } from "../test/fake-hub.ts";
import { start, startLoggedIn, subscribed } from "../test/start.ts";
import { CliError } from "./cli-error.ts";

const failed = (code: string) => Object.assign(new Error(`write ${code}`), { code });

test.each([
  ["help", () => start("help")],
  ["rooms", () => startLoggedIn(["rooms"])],
  ["members", () => startLoggedIn(["members", "lobby"])],
  ["chat", () => start("chat", "lobby", "--guest")],
])("%s ends quietly with 0 when the reader of its output is gone", async (_name, begin) => {
  const { stdout, exitCode, err } = await begin();
  stdout.emit("error", failed("EPIPE"));
  stdout.emit("error", failed("EPIPE"));
  expect(await exitCode).toBe(0);
  expect(err()).toBe("");
});

test("another output error is reported in one sentence", async () => {
  const { stdout, exitCode, err } = await startLoggedIn(["members", "lobby"]);
  stdout.emit("error", failed("ENOSPC"));
  expect(await exitCode).toBe(1);
  expect(err()).toBe("hubbub: the output could not be written: write ENOSPC\n");
});

test("an interrupted command ends at once, with the code of the signal", async () => {
  const { interrupt, exitCode, err } = await startLoggedIn(["rooms"], (hub) => {
    hub.isSilent = true;
  });
  interrupt(new CliError("interrupted", 143));
  expect(await exitCode).toBe(143);
  expect(err()).toBe("hubbub: interrupted\n");
});

test("send that waits for its standard input is ended by a signal, behind what is acked", async () => {
  const { hub, stdin, interrupt, exitCode, err } = await start("send", "lobby", "--guest");
  stdin.write("one\r\n");
  await vi.waitFor(() => expect(hub.log).toMatchObject([{ text: "one" }]));
  interrupt(new CliError("interrupted", 130));
  expect(await exitCode).toBe(130);
  expect(err()).toBe("hubbub: interrupted\n");
});

test("all lines piped into a chat are sent", async () => {
  const { hub, stdin, exitCode, err } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  stdin.end(Array.from({ length: 1_500 }, (_, index) => `line ${index}\n`).join(""));
  expect(await exitCode).toBe(0);
  expect(hub.log).toHaveLength(1_500);
  expect(hub.log.at(-1)).toMatchObject({ text: "line 1499" });
  expect(err()).toBe("");
});

test("a chat that ends with unsent messages prints them, and ends with 1", async () => {
  const { hub, stdin, exitCode, err } = await start("chat", LOBBY.id, "--guest");
  await subscribed(hub);
  hub.isDeaf = true;
  stdin.write("one\ntwo\n");
  await vi.waitFor(() => expect(hub.received.filter(({ type }) => type === "publish")).toHaveLength(2));
  hub.revoke();
  expect(await exitCode).toBe(1);
  expect(err()).toContain("no ack came for:\n    one\n    two\n");
  expect(err()).toMatch(/hubbub: your login at .* has ended/);
});

test("a lost connection is shown, and lines typed meanwhile are sent after the reconnect", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  hub.cut();
  await vi.waitFor(() => expect(out()).toContain("connection lost"), { timeout: 10_000 });
  stdin.write("kept\n");
  await vi.waitFor(() => expect(out()).toContain("ada  kept"), { timeout: 15_000 });
  expect(out()).toContain("connected again");
});
