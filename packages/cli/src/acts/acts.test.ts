import { expect, test, vi } from "vitest";
import { BOB, LOBBY } from "../../test/fake-hub.ts";
import { start, startLoggedIn, subscribed } from "../../test/start.ts";
import { helpOn } from "./acts.ts";

const ROOM = `/rooms/${LOBBY.id}`;
const CODE = "abcdefghijklmnopqrstuv";
const LINK = { id: "l1", code: CODE, role: "member", by: BOB.id, createdAt: 0, expiresAt: 9e12, usesLeft: 3 };
const DIRECT = {
  ...LOBBY,
  id: "01920000-0000-7000-8000-0000000000d1",
  name: "bob",
  visibility: "direct",
  role: "member",
};
const INVITATION = { room: LOBBY.id, name: "lobby", by: BOB, at: 0 };
const TASK = { id: "t1", name: "search", args: "tea", progress: { done: 1, total: 2 } };
const BAN = { user: BOB, by: BOB.id, at: 0, reason: "rude" };
const SETTINGS = { slowModeSeconds: 5, permissions: { pin: "member" }, archived: true };

test.each([
  ["dm bob, carol", { "POST direct": DIRECT }, `POST /direct {"users":["bob","carol"]}`, `hubbub chat ${DIRECT.id}`],
  ["block lobby @Bob", { "PUT x": {} }, `PUT /me/blocks/${BOB.id}`, "bob is blocked; hubbub unblock bob"],
  ["unblock bob", { "GET blocks": { users: [BOB] } }, `DELETE /me/blocks/${BOB.id}`, "not blocked any more"],
  [
    "status 🍵 tea time",
    { "PATCH status": { away: false, status: { emoji: "🍵", text: "tea time" } } },
    `PATCH /me/status {"status":{"emoji":"🍵","text":"tea time"}}`,
    "🍵 tea time",
  ],
  ["status off", { "PATCH status": { away: false } }, `PATCH /me/status {"status":null}`, "gone"],
  ["away", { "PATCH status": { away: true } }, `PATCH /me/status {"away":true}`, "away"],
  [
    "who lobby",
    { "POST presence": { people: [{ user: BOB.id, online: true, away: true }] } },
    "POST /presence",
    "◐ bob away",
  ],
  [
    "task lobby stats",
    { "POST tasks": { id: "t1", ahead: 2 } },
    `POST ${ROOM}/tasks {"id":"`,
    "behind 2 of yours; hubbub task lobby cancel t1",
  ],
  ["task lobby cancel t1", { "DELETE t1": {} }, `DELETE ${ROOM}/tasks/t1`, "cancelled"],
  [
    "tasks",
    { "GET tasks": { tasks: [{ ...TASK, state: "running" }] } },
    "GET /me/tasks",
    "t1  search  tea  running 50 %",
  ],
  ["invite lobby bob", { "POST invites": {} }, `POST ${ROOM}/invites {"username":"bob"}`, "bob is invited"],
  [
    "link lobby 1h 3x guest",
    { "POST invites": LINK },
    `POST ${ROOM}/invites {"seconds":3600,"uses":3,"role":"guest"}`,
    `/#invite=${CODE}`,
  ],
  ["unlink lobby l1", { "DELETE l1": {} }, `DELETE ${ROOM}/invites/l1`, "leads nowhere"],
  [`use http://h/#invite=${CODE}`, { "POST join": DIRECT }, `POST /invites/${CODE}/join`, "hubbub chat"],
  [
    "accept lobby",
    { "GET invitations": { invitations: [INVITATION] }, "POST accept": DIRECT },
    `POST /me/invitations/${LOBBY.id}/accept`,
    "hubbub chat",
  ],
  ["role lobby bob moderator", {}, `PUT ${ROOM}/members/${BOB.id} {"role":"moderator"}`, "bob is a moderator now"],
  ["kick lobby bob", {}, `DELETE ${ROOM}/members/${BOB.id}`, "bob was removed"],
  [
    "ban lobby bob 1d very rude",
    {},
    `PUT ${ROOM}/bans/${BOB.id} {"seconds":86400,"reason":"very rude"}`,
    "banned for 1d",
  ],
  ["ban lobby bob rude", {}, `PUT ${ROOM}/bans/${BOB.id} {"reason":"rude"}`, "bob is banned; hubbub unban lobby bob"],
  ["unban lobby bob", { "GET bans": { bans: [BAN] } }, `DELETE ${ROOM}/bans/${BOB.id}`, "not banned"],
  ["mute lobby bob", {}, `PUT ${ROOM}/mutes/${BOB.id} {"seconds":3600}`, "for 1h"],
  [
    "slow lobby 30s",
    { "PATCH room": {} },
    `PATCH ${ROOM} {"settings":{"slowModeSeconds":30,"permissions":{"pin":"member"}}}`,
    "waits 30s",
  ],
  ["permit lobby pin usual", { "PATCH room": {} }, `PATCH ${ROOM} {"settings":{"slowModeSeconds":5}}`, "as usual"],
  ["newcomers lobby joined", { "PATCH room": {} }, `"history":"joined"`, "before they joined"],
  ["archive lobby", { "PUT archive": {} }, `PUT ${ROOM}/archive`, "lobby is archived"],
  [
    "rename lobby tea room",
    { "PATCH room": { name: "tea room" } },
    `PATCH ${ROOM} {"name":"tea room"}`,
    "tea room now",
  ],
  ["destroy lobby lobby", { "DELETE room": {} }, `DELETE ${ROOM}`, "deleted"],
  [
    "threads",
    {
      "GET threads": { threads: [{ room: LOBBY.id, seq: 2, count: 1, last: 3, at: 0 }] },
      "GET 2": { messages: [{ kind: "message", seq: 2, by: BOB, text: "tea?" }] },
    },
    "GET /me/threads",
    "lobby #2, 1 reply: #2 bob: tea?",
  ],
  ["keeptexts lobby no", { "PATCH room": {} }, `"keepRevisions":false`, "no earlier texts are kept"],
  [
    "keeptexts lobby yes",
    { "PATCH room": {} },
    `PATCH ${ROOM} {"settings":{"slowModeSeconds":5`,
    "earlier texts are kept",
  ],
  ["pin lobby #7", { "PUT pin": {} }, `PUT ${ROOM}/messages/7/pin`, "#7 is pinned; hubbub unpin lobby #7"],
  ["unpin lobby 7", { "DELETE pin": {} }, `DELETE ${ROOM}/messages/7/pin`, "not pinned"],
  [
    "pins lobby",
    { "GET pins": { messages: [{ kind: "message", seq: 7, by: BOB, text: "tea?" }] } },
    `GET ${ROOM}/pins`,
    "#7 bob: tea?",
  ],
  ["follow lobby #7", { "PUT follow": {} }, `PUT ${ROOM}/threads/7/follow`, "hubbub unfollow lobby #7"],
  ["unfollow lobby #7", { "DELETE follow": {} }, `DELETE ${ROOM}/threads/7/follow`, "do not follow"],
  [
    "texts lobby #7",
    {
      "GET revisions": {
        revisions: [
          { seq: 7, at: 0, text: "" },
          { seq: 8, at: 0, text: "tea" },
        ],
      },
    },
    `GET ${ROOM}/messages/7/revisions`,
    "(not kept)",
  ],
  [
    "profile lobby bob",
    {
      [`GET ${BOB.id}`]: { ...BOB, isGuest: false, displayName: "Bob B.", about: "tea\n\u001b[2Jcake" },
      "POST presence": { people: [{ user: BOB.id, online: true, away: false }] },
    },
    `GET /users/${BOB.id}`,
    "● bob\nname: Bob B.\ntea\n",
  ],
  [
    "me about tea and cake",
    { "PATCH me": { about: "tea and cake" } },
    `PATCH /me {"about":"tea and cake"}`,
    "about: tea",
  ],
  ["me name off", { "PATCH me": {} }, `PATCH /me {"displayName":null}`, "nothing of your name"],
  ["lastseen hide", { "PATCH status": { away: false } }, `PATCH /me/status {"lastSeen":false}`, "nobody sees"],
] as const)("hubbub %s asks for it and says what is true then", async (line, replies, call, said) => {
  const { hub, exitCode, out, err } = await startLoggedIn(line.split(" "), (hub) => {
    hub.replies[`GET ${LOBBY.id}`] = Array.from({ length: 2 }, () => ({
      status: 200,
      body: { ...LOBBY, role: "owner", settings: SETTINGS },
    }));
    for (const [what, body] of Object.entries(replies)) {
      hub.replies[what.replace(/(?<=^PATCH |^DELETE )room$/, LOBBY.id)] = [{ status: 200, body }];
    }
    for (const method of ["PUT", "DELETE"]) hub.replies[`${method} ${BOB.id}`] ??= [{ status: 204, body: {} }];
  });
  expect(await exitCode, err()).toBe(0);
  expect(
    hub.calls.some((one) => one.includes(call)),
    hub.calls.join("\n"),
  ).toBe(true);
  expect(out() + err()).toContain(said);
});

test.each([
  ["ban lobby", "say hubbub ban ROOM NAME [1d] [REASON]"],
  ["mute lobby bob soon", "say hubbub mute ROOM NAME [10m]"],
  ["link lobby often", "say hubbub link ROOM [7d] [10x] [guest]"],
  ["role lobby bob king", "take one of guest, member"],
  ["destroy lobby tea", "to delete the room for everybody: hubbub destroy lobby lobby"],
  ["topic lobby", "say hubbub topic ROOM TEXT | off"],
  ["kick lobby nobody", "there is no nobody in this room. hubbub members lobby lists who is"],
])("hubbub %s changes nothing and says what to type", async (line, said) => {
  const { hub, exitCode, err } = await startLoggedIn(line.split(" "));
  expect(await exitCode).not.toBe(0);
  expect(err()).toContain(said);
  expect(hub.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
});

test("an invitation to a room of the same name is not taken for another one", async () => {
  const invitations = [{ ...INVITATION, room: DIRECT.id, by: { ...BOB, username: "mallory" } }, INVITATION];
  const { hub, exitCode, err } = await startLoggedIn(["accept", "lobby"], (hub) => {
    hub.replies["GET invitations"] = [{ status: 200, body: { invitations } }];
  });
  expect(await exitCode).toBe(1);
  expect(err()).toContain(
    `several rooms are called lobby; say which, by its id: ${DIRECT.id} by mallory, ${LOBBY.id} by`,
  );
  expect(hub.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
});

test("nothing is done in a room while another joined room has the same name", async () => {
  const other = { ...LOBBY, id: DIRECT.id, visibility: "private", role: "member" };
  const { hub, exitCode, err } = await startLoggedIn(["archive", "lobby"], (hub) => {
    hub.replies["GET rooms"] = [{ status: 200, body: { rooms: [{ ...LOBBY, role: "owner" }, other] } }];
  });
  expect(await exitCode).toBe(1);
  expect(err()).toContain(
    `several rooms called lobby; say which, by its id: ${LOBBY.id} (public), ${DIRECT.id} (private)`,
  );
  expect(hub.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
});

test("the help names each act with its words", () => {
  expect(helpOn("ban")?.join()).toMatch(/\.ban NAME \[1d\] \[REASON\] .*keep them out/);
  expect(helpOn("members")?.join()).toMatch(/\.invite NAME .*\.mute NAME/s);
  expect(helpOn("dance")).toBeUndefined();
});

test("in a chat .dm opens the direct room, and an answer to a thread goes into it", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  stdin.write(".thread #1 an  answer\n");
  await vi.waitFor(() =>
    expect(hub.received).toContainEqual(expect.objectContaining({ thread: 1, text: "an  answer" })),
  );
  hub.replies["POST direct"] = [{ status: 200, body: DIRECT }];
  stdin.write(".ban bob\n");
  await vi.waitFor(() => expect(out()).toContain("bob is banned; .unban bob ends it"));
  stdin.write(".kick nobody\n");
  await vi.waitFor(() => expect(out()).toContain("there is no nobody in this room. .members lists who is"));
  stdin.write(".dm bob\n.mute bob\n");
  await vi.waitFor(() => expect(out()).toContain("bob: .usage shows the commands"));
  await vi.waitFor(() => expect(hub.calls.at(-1)).toContain(`/rooms/${DIRECT.id}/mutes/`));
});

test("what was typed for a direct room that cannot be opened is not sent to the room before", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  stdin.write(".dm nobody\na secret\n.members\nhello\n");
  await vi.waitFor(() => expect(out()).toContain("ada  hello"));
  expect(out()).toContain("not sent: “a secret”: you are not in that room");
  expect(hub.log).toMatchObject([{ text: "hello" }]);
});

test("without a terminal .register sends no line as a password", async () => {
  const { hub, stdin, out } = await start("chat", "lobby", "--guest");
  await subscribed(hub);
  stdin.write(".register ada\n");
  await vi.waitFor(() => expect(out()).toContain("HUBBUB_PASSWORD"));
  expect(hub.calls.filter((call) => call.includes("/me/account"))).toEqual([]);
});
