import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ADA, BOB, FakeHub, KITCHEN, LOBBY, REFUSED } from "../../test/fake-hub.ts";
import { openScreen } from "../../test/fake-screen.ts";
import { CliError } from "../cli-error.ts";
import { DEFAULT_PROFILE, Profiles } from "../profiles.ts";

const KEYS = {
  enter: "\r",
  escape: "\u001b",
  altEnter: "\u001b\r",
  altDown: "\u001b[1;3B",
  altT: "\u001bt",
  ctrlUp: "\u001b[1;5A",
  up: "\u001b[A",
  pageUp: "\u001b[5~",
  end: "\u001b[F",
  ctrlK: "\u000b",
} as const;

test("rooms, messages, members, connection and line are on the screen", async () => {
  const hub = new FakeHub();
  hub.say("hello from **bob**");
  const screen = await openScreen({ hub });
  await screen.sees(/kitchen.*│/);
  await screen.sees(/│ {2}hello from bob/);
  await screen.sees("● ada owner");
  await screen.sees("○ bob");
  expect(screen.grid.lines.at(-1)).toBe("lobby ›");
  expect(screen.grid.modes).toContain("?1049");
  expect(await screen.quit()).toBe(0);
  expect(screen.grid.modes).not.toContain("?1049");
  expect(screen.grid.modes).not.toContain("?2004");
});

test("what is typed is sent, and is marked while it is on its way and when it is there", async () => {
  const screen = await openScreen();
  screen.hub.isDeaf = true;
  screen.type(`first${KEYS.enter}`);
  await screen.sees(/│ {2}first …/);
  await screen.sees("1 pending");
  const id = await vi.waitFor(() => {
    const sent = screen.hub.received.find((frame) => frame.type === "publish");
    if (sent?.type !== "publish") throw new Error("nothing was sent");
    return sent.id;
  });
  screen.hub.say("first", ADA, id);
  await screen.sees(/│ {2}first ✓ /);
  screen.hub.broadcast({ type: "durable", room: LOBBY.id, seq: 1 });
  await screen.sees(/│ {2}first ✓✓/);
  await vi.waitFor(() => expect(screen.grid.text).not.toContain("pending"));
});

test("a refused message stays with its reason, is sent again or discarded, and is told at the end", async () => {
  const screen = await openScreen();
  const sent = () => screen.hub.received.filter((frame) => frame.type === "publish");
  screen.type(REFUSED + KEYS.enter);
  await screen.sees(/refuse me ✗/);
  await screen.sees("not sent: you are not a member");
  screen.type(KEYS.ctrlUp);
  screen.type("r");
  await vi.waitFor(() => expect(sent()).toHaveLength(2));
  expect(new Set(sent().map((frame) => frame.type === "publish" && frame.id)).size).toBe(1);
  await screen.sees(/refuse me ✗/);
  screen.type(`${KEYS.ctrlUp}d`);
  await vi.waitFor(() => expect(screen.grid.text).not.toContain(REFUSED));
  screen.type(REFUSED + KEYS.enter);
  await screen.sees(/refuse me ✗/);
  expect(await screen.quit()).toBe(1);
  expect(screen.err).toContain(REFUSED);
});

test("what got no ack is told at the end, kept, shown at the next start, and sent under its id", async () => {
  const first = await openScreen();
  const { hub, configDir } = first;
  hub.isDeaf = true;
  first.type(`kept${KEYS.enter}`);
  await first.sees(/│ {2}kept …/);
  first.type("\u0003");
  await first.sees("waiting for acks");
  expect(await first.quit()).toBe(1);
  expect(first.err).toContain("the next hubbub chat sends it:\n    kept");
  const second = await openScreen({ hub, configDir });
  await second.sees(/│ {2}kept …/);
  await second.sees("1 pending");
  hub.isDeaf = false;
  hub.cut();
  await second.sees(/│ {2}kept ✓/);
  const sent = hub.received.flatMap((frame) => (frame.type === "publish" ? [frame.id] : []));
  expect(sent.length).toBeGreaterThan(1);
  expect(new Set(sent).size).toBe(1);
  expect(await second.quit()).toBe(0);
  const third = await openScreen({ hub, configDir });
  await third.sees(/kept ✓/);
  expect(third.grid.text).not.toContain("pending");
});

test.each([
  ["in its room", ["lobby"], /refuse me ✗[\s\S]*not sent: you are not a member/],
  ["where its room is not open", [], /not sent to lobby: “refuse me”/],
])("the refusal of a message of an earlier start is told %s, and again at the end", async (_where, argv, told) => {
  const first = await openScreen();
  const { hub, configDir } = first;
  const port = Number(new URL(hub.url ?? "").port);
  await hub.close();
  await first.sees("○ no connection");
  first.type(REFUSED + KEYS.enter);
  await first.sees(`${REFUSED} …`);
  expect(await first.quit()).toBe(1);
  const again = new FakeHub();
  await again.listen(port);
  const second = await openScreen({ hub: again, configDir, argv });
  await second.sees(told);
  second.type("\u001b2");
  await second.sees("lobby ›");
  expect(await second.quit()).toBe(1);
  expect(second.err).toContain(`no ack came for:\n    ${REFUSED}`);
});

test("each room has its typed line, also after the end of the program, in a file of the owner", async () => {
  const first = await openScreen();
  first.type("half a line");
  await first.sees("lobby › half a line");
  await first.sees("kitchen");
  first.type(KEYS.altDown);
  await first.sees("kitchen ›");
  expect(first.grid.lines.at(-1)).toBe("kitchen ›");
  first.type("soup");
  await first.sees("kitchen › soup");
  first.type(KEYS.altDown);
  await first.sees("lobby › half a line");
  await first.quit();
  const path = join(new Profiles(first.configDir).folderOf(DEFAULT_PROFILE) ?? "", "typed.json");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toContain("soup");
  const second = await openScreen({ hub: first.hub, configDir: first.configDir });
  await second.sees("lobby › half a line");
});

test("an empty line edits the last own message; Escape gives the line back", async () => {
  const screen = await openScreen();
  screen.type(`one two${KEYS.enter}`);
  await screen.sees(/one two ✓/);
  screen.type(KEYS.up);
  await screen.sees("✎ edit #1 › one two");
  screen.type(`!${KEYS.enter}`);
  await vi.waitFor(() =>
    expect(screen.hub.received).toContainEqual(
      expect.objectContaining({ type: "edit", text: "one two!", target: 1, baseSeq: 1 }),
    ),
  );
  screen.type(KEYS.up);
  await screen.sees("✎ edit #1");
  screen.type(KEYS.escape);
  await vi.waitFor(() => expect(screen.grid.lines.at(-1)).toBe("lobby ›"));
});

test("a selected message is replied to, reacted to and deleted", async () => {
  const screen = await openScreen();
  screen.hub.say("what is it?");
  await screen.sees("what is it?");
  screen.type(KEYS.ctrlUp);
  await screen.sees("what is it? #1");
  screen.type("r");
  await screen.sees("reply to #1 ›");
  screen.type(`tea${KEYS.enter}`);
  await vi.waitFor(() =>
    expect(screen.hub.received).toContainEqual(expect.objectContaining({ text: "tea", replyTo: 1 })),
  );
  await screen.sees(/tea ✓/);
  screen.type(`${KEYS.ctrlUp}${KEYS.ctrlUp}+`);
  await screen.sees("emoji for #1 ›");
  screen.type(`:tada:${KEYS.enter}`);
  await vi.waitFor(() =>
    expect(screen.hub.received).toContainEqual(expect.objectContaining({ type: "react", target: 1, emoji: "🎉" })),
  );
  const deleted = () => screen.hub.received.filter(({ type }) => type === "delete");
  screen.type(`${KEYS.ctrlUp}d`);
  await screen.sees("d again deletes #2");
  screen.type("xd");
  await screen.sees("› xd");
  screen.type("\u0015d");
  await screen.sees("d again deletes #2");
  expect(deleted()).toEqual([]);
  screen.type("d");
  await vi.waitFor(() => expect(deleted()).toMatchObject([{ target: 2 }]));
});

test("Alt-Enter breaks the line, a paste is one message, and commands are done", async () => {
  const screen = await openScreen();
  screen.type(`a${KEYS.altEnter}b${KEYS.enter}`);
  await vi.waitFor(() => expect(screen.hub.log).toMatchObject([{ text: "a\nb" }]));
  screen.type("\u001b[200~.leave\rtwo\u001b[201~");
  await screen.sees(".leave⏎two");
  screen.type(KEYS.enter);
  await vi.waitFor(() => expect(screen.hub.log[1]).toMatchObject({ text: ".leave\ntwo" }));
  screen.type(`.members${KEYS.enter}`);
  await screen.sees("  ● ada owner");
  screen.type(`.nonsense${KEYS.enter}`);
  await screen.sees("there is no .nonsense");
  screen.type(`.le\t`);
  await screen.sees("lobby › .leave");
  screen.type("\u0015hi @\t");
  await screen.sees(/· \[@bob\] @room @here\s+lobby › hi @bob/);
  screen.type("\u001b[Z");
  await screen.sees(/· @bob @room \[@here\]\s+lobby › hi @here/);
});

test("scrolling up stays where it is while messages come, and End leads back", async () => {
  const hub = new FakeHub();
  for (let number = 1; number <= 60; number += 1) hub.say(`number ${number}.`);
  const screen = await openScreen({ hub });
  await screen.sees("number 60.");
  screen.type(KEYS.pageUp);
  await screen.sees("older messages");
  const messages = () => screen.grid.lines.slice(0, 20).map((line) => line.split("│")[1]);
  const before = messages();
  hub.say("number 61.");
  hub.broadcast({ type: "signal", room: LOBBY.id, by: BOB, kind: "typing" });
  await screen.sees("bob is typing");
  expect(messages()).toEqual(before);
  await screen.sees("1 new below, End leads there");
  expect(screen.grid.lines[0]).toMatch(/lobby .* ↓ bob 00:00/);
  screen.type(KEYS.end);
  await screen.sees("number 61.");
});

test("the finder goes to a room by a few letters; counts of other rooms come with heads, and what is seen is read", async () => {
  const screen = await openScreen();
  await screen.sees("kitchen");
  const head = { type: "head", room: KITCHEN.id, epoch: 1, seq: 3, at: 1, by: BOB, preview: "soup?" } as const;
  const mentions = { names: ["ada"] };
  await vi.waitFor(() => {
    screen.hub.announce({ ...head, mentions });
    expect(screen.grid.text).toMatch(/kitchen +@1 1│/);
  });
  expect(screen.raw.split("\u0007")).toHaveLength(2);
  screen.resize(50, 12);
  await screen.sees("● connected · unread @1");
  screen.resize(110, 24);
  screen.hub.say("read me");
  await vi.waitFor(() => expect(screen.hub.received).toContainEqual(expect.objectContaining({ type: "read", seq: 1 })));
  screen.type(`${KEYS.ctrlK}kch`);
  await screen.sees("find › kch");
  await screen.sees("# kitchen  @1 1");
  screen.type(KEYS.enter);
  await screen.sees("kitchen ›");
});

test("a lost connection is said, and what was typed meanwhile arrives", async () => {
  const hub = new FakeHub();
  const screen = await openScreen({ hub });
  const port = Number(new URL(hub.url ?? "").port);
  await hub.close();
  await screen.sees("○ no connection");
  screen.type(`meanwhile${KEYS.enter}`);
  await screen.sees("meanwhile …");
  screen.resize(32, 12);
  await screen.sees("○ offline · 1 pending");
  screen.resize(110, 24);
  const again = new FakeHub();
  await again.listen(port);
  await screen.sees("● connected");
  await vi.waitFor(() => expect(again.log).toMatchObject([{ text: "meanwhile" }]));
  await screen.quit();
  await again.close();
});

test("a text that is typed in no room stays in its line, and goes to the room that is entered then", async () => {
  const screen = await openScreen({ argv: [] });
  await screen.sees("no room: Ctrl-K");
  screen.type(`hello${KEYS.enter}`);
  await screen.sees("you are in no room");
  await screen.sees("(no room) › hello");
  screen.hub.say("old news", BOB);
  screen.type("\u001b2");
  await screen.sees("lobby › hello");
  screen.type(KEYS.enter);
  await vi.waitFor(() => expect(screen.hub.log.at(-1)).toMatchObject({ text: "hello" }));
});

test("what came before the chat was opened is below a line", async () => {
  const hub = new FakeHub();
  hub.say("known");
  hub.say("unknown");
  const state = { head: 2, epoch: 1, read: 1, unread: 1, mentions: 0, level: "all", starred: false, role: "member" };
  const { id: room, ...lobby } = LOBBY;
  hub.replies["GET state"] = [{ status: 200, body: { rooms: [{ room, ...lobby, ...state }], joined: 1, at: 1 } }];
  const screen = await openScreen({ hub });
  await screen.sees(/known[\s\S]*│─+ new ─+│[\s\S]*unknown/);
  expect(screen.grid.text).not.toContain("unread above");
});

test("a signal ends the chat and gives the terminal back", async () => {
  const screen = await openScreen();
  screen.interrupt(new CliError("interrupted", 143));
  expect(await screen.exitCode).toBe(0);
  expect(screen.grid.modes).not.toContain("?1049");
});
