import type { IncomingMessage } from "node:http";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, onTestFinished, test, vi } from "vitest";
import { ALICE, BOB, ROOM } from "../../test/fake-server.ts";
import { startWired } from "../../test/wired.ts";
import { HubbubProvider, useClient, useConnection, usePresence, useTimeline, useTyping, useUnread } from "../react.ts";
import { DraftBox } from "./draft-box.ts";
import { Presence } from "./presence.ts";
import { Typing } from "./typing.ts";
import { Unread } from "./unread.ts";
import type { View } from "./view.ts";

/** A client whose server answers HTTP calls with `answers`, by method and path. */
async function start(answers: (call: string, url: URL) => unknown) {
  const calls: string[] = [];
  const wired = await startWired((server) => {
    server.http = ({ method = "", url = "" }: IncomingMessage) => {
      const whole = new URL(url, "http://server");
      const call = `${method} ${whole.pathname.replace("/api/v1", "")}`;
      calls.push(call);
      return { status: 200, body: answers(call, whole) ?? {} };
    };
  });
  return { ...wired, calls };
}

function listen<Snapshot>(view: View<Snapshot>): void {
  const stop = view.subscribe(() => undefined);
  onTestFinished(() => {
    stop();
    view.close();
  });
}

test("who types is shown until their message comes, or for six seconds, and never the user", async () => {
  const { server, client } = await start(() => undefined);
  client.room(ROOM).unsubscribe();
  // Both hold an object of the room that the client does not keep; only one of them becomes the one that it keeps.
  const [other, typing] = [new Typing(client, ROOM), new Typing(client, ROOM)];
  listen(other);
  listen(typing);
  await vi.waitFor(() => expect(client.room(ROOM).isLive).toBe(true));
  server.broadcast({ type: "signal", room: ROOM, by: ALICE, kind: "typing" });
  server.broadcast({ type: "signal", room: ROOM, by: BOB, kind: "typing" });
  await vi.waitFor(() => expect(typing.getSnapshot()).toEqual([BOB]));
  server.say("there");
  await vi.waitFor(() => expect(typing.getSnapshot()).toEqual([]));
  typing.typed();
  typing.typed();
  await vi.waitFor(() => expect(server.of("typing")).toHaveLength(1));
});

test("presence is asked for at once, and once more behind a reconnect", async () => {
  const { server, client, calls } = await start(() => ({ people: [{ user: BOB.id, online: true, away: false }] }));
  const presence = new Presence(client, [BOB.id, BOB.id]);
  listen(presence);
  await vi.waitFor(() => expect(presence.getSnapshot().get(BOB.id)).toMatchObject({ online: true }));
  server.disconnect();
  await vi.waitFor(() => expect(calls).toEqual(["POST /presence", "POST /presence"]), { timeout: 15_000 });
});

test("unread counts come from the server, again behind a head, and are 0 behind the own mark", async () => {
  let unread = 2;
  const room = { room: ROOM, name: "tea", head: 5, read: 3, mentions: 1 };
  const { server, client, calls } = await start((call) =>
    call === "GET /me/state" ? { rooms: [{ ...room, unread }], joined: 1, at: 7 } : undefined,
  );
  const view = new Unread(client);
  const read = view.readUpTo(ROOM);
  listen(view);
  await vi.waitFor(() => expect(view.getSnapshot()).toMatchObject({ isLoaded: true, unread: 2, mentions: 1 }));
  await expect(read).resolves.toBe(3);
  unread = 3;
  for (const connection of server.connections) connection.send({ type: "head", room: ROOM, epoch: 1, seq: 6 });
  await vi.waitFor(() => expect(view.getSnapshot().unread).toBe(3), { timeout: 5_000 });
  view.markRead(ROOM, 6);
  expect(view.getSnapshot()).toMatchObject({ unread: 0, mentions: 0 });
  expect(calls.filter((call) => call === "GET /me/state")).toHaveLength(2);
});

test("a draft goes to the server behind the last key, and a later one of another browser takes its place", async () => {
  let drafts: object[] = [];
  const { client, calls } = await start((call) =>
    call === "GET /me/state" ? { rooms: [], drafts, joined: 0, at: 1 } : undefined,
  );
  const box = new DraftBox(client, ROOM);
  listen(box);
  box.set("hel");
  box.set("hello");
  expect(box.getSnapshot().text).toBe("hello");
  const puts = () => calls.filter((call) => call === `PUT /me/drafts/${ROOM}`).length;
  await vi.waitFor(() => expect(puts()).toBe(1), { timeout: 5_000 });
  const isRead = () => calls.lastIndexOf("GET /me/state") > calls.indexOf(`PUT /me/drafts/${ROOM}`);
  await vi.waitFor(() => expect(isRead()).toBe(true));
  drafts = [{ room: ROOM, text: "from elsewhere", at: Date.now() + 60_000 }];
  box.set("");
  await vi.waitFor(() => expect(calls).toContain(`DELETE /me/drafts/${ROOM}`), { timeout: 5_000 });
  await vi.waitFor(() => expect(box.getSnapshot().text).toBe("from elsewhere"));
});

test("a closed client ends its views", async () => {
  const { client } = await start(() => ({ people: [] }));
  const presence = new Presence(client, [BOB.id]);
  listen(presence);
  await client.close();
  expect(presence.isRunning).toBe(false);
});

/** Shows every hook. */
function Page() {
  const { items, status } = useTimeline(ROOM);
  const { typing } = useTyping(ROOM);
  const people = usePresence([BOB.id]);
  const facts = [useClient().state.state, useConnection().state, status, useUnread().unread];
  return createElement("p", null, [...facts, items.length, typing.length, people.size].join());
}

test("the hooks render on a server, with what is known before anything is asked", async () => {
  const { client } = await start(() => undefined);
  const page = createElement(HubbubProvider, { client }, createElement(Page));
  expect(renderToString(page)).toBe("<p>ready,ready,loading,0,0,0,0</p>");
  expect(() => renderToString(createElement(Page))).toThrow("HubbubProvider");
});
