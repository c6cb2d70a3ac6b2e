import { expect, test, vi } from "vitest";
import { start, startLoggedIn, subscribed } from "../test/start.ts";

/** C1 (CSI), DEL, an override of the direction, a line separator, an escape. */
const EVIL = "a\u009b31m\u007f\u202e\u2028\u001b[2Jz";
const DRIVES_TERMINALS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const linesOf = (text: string) => text.split("\n").join("");

test("tail --json escapes control characters, and loses nothing", async () => {
  const { hub, out } = await start("tail", "lobby", "--json", "--guest");
  await subscribed(hub);
  hub.say(EVIL);
  await vi.waitFor(() => expect(out()).toContain("\n"));
  expect(linesOf(out())).not.toMatch(DRIVES_TERMINALS);
  expect(JSON.parse(out())).toMatchObject({ text: EVIL });
});

test.each([
  ["the detail of a problem", { status: 400, body: { code: "bad_request", detail: EVIL } }],
  ["the title of a problem", { status: 400, body: { code: "bad_request", title: EVIL } }],
  ["the name of a room", { status: 201, body: { id: EVIL, name: EVIL, visibility: "public", topic: EVIL } }],
])("%s cannot drive the terminal", async (_what, reply) => {
  const { exitCode, out, err } = await startLoggedIn(["create", "tea"], (hub) => {
    hub.replies["POST rooms"] = [reply];
  });
  await exitCode;
  expect(out() + err()).toContain("a\ufffd31m");
  expect(linesOf(out() + err())).not.toMatch(DRIVES_TERMINALS);
});

test("errors and names from a hostile server cannot control the terminal of a chat", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  const user = { id: "u", username: EVIL };
  hub.replies["GET members"] = [
    { status: 400, body: { code: "bad_request", detail: EVIL } },
    { status: 200, body: { members: [{ user, role: "owner", online: true }] } },
  ];
  stdin.write(`.members\n.members\n.join ${EVIL}\n`);
  await vi.waitFor(() => expect(out().split("a\ufffd31m").length).toBeGreaterThan(2));
  expect(linesOf(out())).not.toMatch(DRIVES_TERMINALS);
});

test("an event of an unknown kind is skipped", async () => {
  const { hub, out } = await start("tail", "lobby", "--guest");
  await subscribed(hub);
  const event = { ...hub.say("before"), seq: 2, kind: "poll" };
  hub.log.push(event as never);
  hub.broadcast(event as never);
  hub.say("after");
  await vi.waitFor(() => expect(out()).toContain("after"));
});
