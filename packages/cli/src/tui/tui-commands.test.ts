import { type EventId, newId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { ADA, BOB, FakeHub, KITCHEN, LOBBY, TOKENS } from "../../test/fake-hub.ts";
import { openScreen } from "../../test/fake-screen.ts";
import { Grid } from "../../test/grid.ts";
import { parseDeskInput } from "./model/commands.ts";

const ENTER = "\r";

test("a help longer than the screen is read from its beginning, by this user alone", async () => {
  const screen = await openScreen();
  screen.type(`.usage${ENTER}`);
  await screen.sees(".usage [WORD]      this help");
  expect(screen.grid.text).not.toContain("A paste waits for Enter");
  screen.type("\u001b[F");
  await screen.sees("A paste waits for Enter. It is one message");
  screen.type("\u001b[5~");
  await screen.sees("older messages, End leads back");
  screen.type(`/help ban${ENTER}`);
  await screen.sees(".ban NAME [1d] [REASON]");
  screen.type(`.keys${ENTER}`);
  await screen.sees("PgUp PgDn · End goes to the newest");
  screen.resize(50, 30);
  await screen.sees(/^messages {3}PgUp PgDn.*\n {11}\S.*\n {11}\S/m);
  screen.type("\u001b");
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("PgUp"));
  expect(screen.hub.log).toEqual([]);
});

test(".search, .pins and .threads list what Enter goes to; answers stand beside what is typed", async () => {
  const hub = new FakeHub();
  hub.say("tea at four");
  hub.say("no coffee");
  const screen = await openScreen({ hub });
  await screen.sees("no coffee");
  const { room, seq, at, by, text } = { ...hub.log[0], text: "tea at four" } as never as Record<string, unknown>;
  const found = { room, seq, at, by, text, highlights: [] };
  const long = { ...found, text: `${"much before it ".repeat(9)}the tea`, highlights: [{ start: 139, end: 142 }] };
  hub.replies["GET search"] = [
    { status: 200, body: { results: [] } },
    { status: 200, body: { results: [{ ...found, room: KITCHEN.id, seq: 9, text: "other tea" }, found, long] } },
  ];
  screen.type(`.search nothing${ENTER}`);
  await screen.sees("nothing was found for nothing");
  screen.type(`.search tea${ENTER}`);
  await screen.sees(
    /3 found[\s\S]*kitchen {2}bob: other tea[\s\S]*lobby {2}bob: tea at four[\s\S]*bob: … .*before it the tea/,
  );
  screen.type("\u001b[B");
  screen.type(ENTER);
  await screen.sees("tea at four #1");
  screen.type("\u001b");
  hub.replies["GET pins"] = [{ status: 200, body: { messages: [hub.log[1]], states: [] } }];
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("#1"));
  screen.type(`.pins${ENTER}`);
  await screen.sees(/pinned messages[\s\S]*bob: no coffee/);
  screen.type(ENTER);
  await screen.sees("no coffee #2");
  screen.type("\u001b");
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("#2"));
  hub.replies["GET threads"] = [{ status: 200, body: { threads: [{ room: LOBBY.id, seq: 1, count: 2 }] } }];
  hub.replies["GET 1"] = [0, 1].map(() => ({ status: 200, body: { messages: [hub.log[0]] } }));
  screen.type(`.threads${ENTER}`);
  await screen.sees(/threads that you follow[\s\S]*lobby {2}2 replies {2}bob: tea at four/);
  screen.type(ENTER);
  await screen.sees("thread of #1");
  screen.type(`.keys${ENTER}`);
  await screen.sees("PgUp PgDn");
});

test(".register asks twice for a password, which is drawn as dots and never sent as a message", async () => {
  const screen = await openScreen();
  const { hub } = screen;
  screen.type("half a line");
  await screen.sees("lobby › half a line");
  screen.type(`\u0015.register lovelace${ENTER}`);
  await screen.sees("New password for lovelace:");
  screen.type(`tea at half past four${ENTER}`);
  await screen.sees("The same again:");
  screen.type("tea at");
  await screen.sees("The same again: ••••••");
  hub.replies["POST account"] = [{ status: 200, body: { user: { ...ADA, username: "lovelace" } } }];
  hub.replies["POST refresh"] = [{ status: 200, body: TOKENS }];
  screen.type(` half past four${ENTER}`);
  await screen.sees("you are lovelace now, with an account. Next time: hubbub login");
  await vi.waitFor(() => expect(hub.received.filter(({ type }) => type === "hello")).toHaveLength(2));
  expect(screen.raw).not.toContain("half past");
  expect(hub.log).toEqual([]);
  expect(hub.calls).toContain(`POST /me/account {"username":"lovelace","password":"tea at half past four"}`);
});

test("a file without a text is one row, with what is to be known of it", async () => {
  const hub = new FakeHub();
  const { id } = hub.say("", ADA);
  const file = {
    id: "01920000-0000-7000-8000-0000000000f1" as never,
    name: "tea.png",
    type: "image/png",
    bytes: 2_048,
  };
  const head = { type: "event", room: LOBBY.id, epoch: 1, seq: 1, at: 0, by: ADA, kind: "message" } as const;
  hub.log[0] = { ...head, id, text: "", files: [file, { ...file, name: "cup.png" }] };
  const screen = await openScreen({ hub });
  await screen.sees(/ada 00:00 +│.*\n.*│ {2}📎 tea\.png \(2 KiB\) ✓ *│.*\n.*│ {2}📎 cup\.png \(2 KiB\) *│/);
  hub.broadcast({ ...head, seq: 2, by: BOB, id: newId<EventId>(), text: "nice", replyTo: 1 });
  await screen.sees(/↪ ada: 📎 tea\.png.*\n.*nice/);
});

test("the finder has a person once, also where there is a direct room with them", async () => {
  const hub = new FakeHub();
  const marks = { head: 0, epoch: 1, read: 0, unread: 0, mentions: 0, role: "member", level: "all", starred: false };
  const direct = {
    room: "01920000-0000-7000-8000-0000000000d1",
    name: "bob",
    visibility: "direct",
    topic: "",
    ...marks,
  };
  const lobby = { room: LOBBY.id, name: "lobby", visibility: "public", topic: "", ...marks };
  hub.replies["GET state"] = [{ status: 200, body: { rooms: [lobby, direct], joined: 2, at: 1 } }];
  const screen = await openScreen({ hub });
  await screen.sees("○ bob");
  screen.type("\u000b");
  await screen.sees("rooms and people");
  screen.type("bob");
  await screen.sees("find › bob");
  await screen.sees(/rooms and people.*\n[^│]*│@ bob +│.*\n[^│]*│ +│/);
  screen.type("\u001b");
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("find ›"));
});

test(".image stays a promise that the file is an image, also on the screen", () => {
  expect(parseDeskInput(".image a.txt", false)).toEqual({ kind: "upload", path: "a.txt", mustBeImage: true });
  expect(parseDeskInput(".file a.txt", false)).toEqual({ kind: "upload", path: "a.txt", mustBeImage: false });
});

test("what is typed goes on in another client, and what was typed there goes on here", async () => {
  const first = await openScreen();
  const { hub } = first;
  hub.draft = { text: "", at: 0 };
  first.type("typed in the terminal");
  await vi.waitFor(() => expect(hub.draft.text).toBe("typed in the terminal"), { timeout: 5_000 });
  hub.announce({ type: "personal", kind: "draft", room: LOBBY.id, text: ".and on\nthe page", at: Date.now() + 1_000 });
  await first.sees("lobby › .and on⏎the page");
  hub.draft = { text: "", at: 0 };
  first.type(` last${ENTER}`);
  await vi.waitFor(() => expect(hub.log).toMatchObject([{ text: ".and on\nthe page last" }]));
  first.type("before the end");
  await first.sees("› before the end");
  expect(await first.quit()).toBe(0);
  expect(hub.draft.text).toBe("before the end");
  hub.draft = { text: "later, on the page", at: Date.now() + 60_000 };
  const second = await openScreen({ hub, configDir: first.configDir });
  await second.sees("lobby › later, on the page");
  expect(hub.calls.filter((call) => call.startsWith("DELETE"))).toHaveLength(1);
});

test("a guest leaves no typed line at the server", async () => {
  const screen = await openScreen({ argv: ["lobby", "--guest"] });
  screen.type("half a line");
  await screen.sees("› half a line");
  expect(await screen.quit()).toBe(0);
  expect(screen.err).toContain("half a line");
  expect(screen.hub.calls.filter((call) => call.includes("drafts"))).toEqual([]);
});

test("a terminal that measures emoji otherwise, and one that is resized, keep the columns", async () => {
  const screen = await openScreen({ grid: new Grid(110, 24, () => 1) });
  screen.hub.say("👩‍🚀👍 日本語 e\u0301 שלום");
  await screen.sees("שלום");
  const row = screen.grid.lines.findIndex((line) => line.includes("שלום"));
  const second = screen.grid.lines[row]?.lastIndexOf("│");
  expect(screen.grid.columnOf(row, "│")).toBe(23);
  expect(second).toBeGreaterThan(0);
  screen.resize(50, 12);
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("│"));
  expect(screen.grid.lines.at(-1)).toBe("lobby ›");
  await screen.sees("שלום");
});

test("what others write cannot control the terminal", async () => {
  const screen = await openScreen();
  const EVIL = "\u001b[2J\u001b]0;gone\u0007\u202e";
  screen.hub.say(`text ${EVIL}`, { id: BOB.id, username: `bob${EVIL}` });
  await screen.sees("text");
  const head = (seq: number) =>
    ({ type: "event", room: LOBBY.id, epoch: 1, seq, at: 0, by: BOB, id: newId<EventId>() }) as const;
  screen.hub.broadcast({ ...head(2), kind: "room", name: `name ${EVIL}`, topic: `topic ${EVIL}` });
  screen.hub.broadcast({ ...head(3), kind: "react", target: 1, emoji: EVIL });
  await screen.sees("changed the room");
  await screen.sees(/text \ufffd\[2J\ufffd\]0;gone\ufffd\ufffd/);
  await screen.sees(/name \ufffd\[2J.*topic \ufffd\[2J/);
  expect(screen.raw).not.toContain("]0;gone\u0007");
  expect(screen.raw).not.toContain("\u202e");
});

test("a login that ends keeps what got no ack, and the next login of the user sends it", async () => {
  const first = await openScreen();
  const { hub, configDir } = first;
  hub.isDeaf = true;
  first.type(`kept${ENTER}`);
  await first.sees(/│ {2}kept …/);
  hub.revoke();
  expect(await first.exitCode).toBe(1);
  expect(first.err).toContain("it is kept, and hubbub chat sends it when you are logged in again:\n    kept\n");
  expect(first.err).toMatch(/your login at .* has ended/);
  expect(first.err).not.toContain("no ack came");
  hub.isDeaf = false;
  const second = await openScreen({ hub, configDir });
  await second.sees(/kept ✓/);
});

test("unread messages that do not fit on the screen are told, and Alt-U goes to the first", async () => {
  const hub = new FakeHub();
  for (let number = 1; number <= 60; number += 1) hub.say(`number ${number}.`);
  const state = { head: 60, epoch: 1, read: 20, unread: 40, mentions: 0, level: "all", starred: false, role: "member" };
  const { id: room, ...lobby } = LOBBY;
  hub.replies["GET state"] = [{ status: 200, body: { rooms: [{ room, ...lobby, ...state }], joined: 1, at: 1 } }];
  const screen = await openScreen({ hub });
  await screen.sees(/number 60\.[\s\S]*unread above, Alt-U/);
  screen.type("\u001bu");
  await screen.sees(/── new ──[\s\S]*number 21\. #21/);
  screen.type("\u001b");
  await screen.sees("number 60.");
  expect(screen.grid.text).not.toContain("unread above");
});

test("a thread opens beside the room, and what is typed goes there", async () => {
  const screen = await openScreen();
  screen.hub.say("root");
  await screen.sees("root");
  screen.hub.replies["GET 1"] = [{ status: 200, body: { messages: [] } }];
  screen.type("\u001bt");
  await screen.sees("thread of #1");
  screen.type(`leaf${ENTER}`);
  await vi.waitFor(() =>
    expect(screen.hub.received).toContainEqual(expect.objectContaining({ text: "leaf", thread: 1 })),
  );
  screen.type("\u001bt");
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("thread of #1"));
});
