import { expect, test, vi } from "vitest";
import { BOB, LOBBY } from "../test/fake-hub.ts";
import { start, startLoggedIn, subscribed } from "../test/start.ts";

const MEMBER = `/rooms/${LOBBY.id}/members/${BOB.id}`;
const LAST_MEMBER = { status: 409, body: { code: "last_member", detail: "nobody else is here" } };

test.each([
  [["members", "lobby"], `GET /rooms/${LOBBY.id}/members`, "● ada owner"],
  [["add", "lobby", "bob"], `POST /rooms/${LOBBY.id}/members {"username":"bob"}`, "bob is a member"],
  [["owner", "lobby", "Bob"], `PUT ${MEMBER} {"role":"owner"}`, "bob is an owner now"],
  [["member", "lobby", "bob"], `PUT ${MEMBER} {"role":"member"}`, "bob is a member now"],
  [["remove", "lobby", "bob"], `DELETE ${MEMBER}`, "bob was removed"],
  [["leave", LOBBY.id], `POST /rooms/${LOBBY.id}/leave`, "You left lobby"],
  [["leave", "lobby", "--close"], `POST /rooms/${LOBBY.id}/leave?close=true`, "You left lobby"],
])("hubbub %j asks for it and says what is true then", async (argv, call, said) => {
  const { hub, exitCode, out, err } = await startLoggedIn(argv);
  expect(await exitCode).toBe(0);
  expect(hub.calls).toContain(call);
  expect(out() + err()).toContain(said);
});

test("only members have a role to change, and the last member is told how to close the room", async () => {
  const nobody = await startLoggedIn(["remove", "lobby", "nobody"]);
  expect(await nobody.exitCode).toBe(1);
  expect(nobody.err()).toContain("there is no nobody in this room");
  const last = await startLoggedIn(["leave", "lobby"], (hub) => {
    hub.replies["POST leave"] = [LAST_MEMBER];
  });
  expect(await last.exitCode).toBe(1);
  expect(last.err()).toContain("hubbub leave ROOM --close");
});

test("a room id is looked up directly, not in lists", async () => {
  const { hub, exitCode } = await startLoggedIn(["members", LOBBY.id]);
  expect(await exitCode).toBe(0);
  expect(hub.calls).toEqual([`GET /rooms/${LOBBY.id}`, `GET /rooms/${LOBBY.id}/members`]);
});

test("the last member is offered to close the room, and stays until then", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  hub.replies["POST leave"] = [LAST_MEMBER];
  stdin.write(".leave\nstill here\n");
  await vi.waitFor(() => expect(out()).toContain("To confirm: .close"));
  await vi.waitFor(() => expect(out()).toContain("ada  still here"));
  stdin.write(".owner bob\n.remove bob\n.close\n");
  await vi.waitFor(() => expect(out()).toContain("you left lobby"));
  expect(out()).toContain("bob is an owner now");
  expect(hub.calls.at(-1)).toBe(`POST /rooms/${LOBBY.id}/leave?close=true`);
});

test("a failed join leaves the chat in its room, and lines typed for the other room are not sent", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  hub.replies["GET rooms"] = [{ status: 200, body: { rooms: [] } }];
  stdin.write(".join secret\na secret\n.members\nhello\n");
  await vi.waitFor(() => expect(out()).toContain("ada  hello"));
  expect(out()).toContain("not sent: “a secret”: you are not in that room");
  expect(hub.log).toMatchObject([{ text: "hello" }]);
});
