import { HubbubError, type HubbubHttp, type RoomListener } from "@hubbub/client";
import type { EventId, PublicUser, Room, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { entriesOf } from "./entries.ts";
import { FileLinks } from "./file-links.ts";
import { MESSAGES_MAX, Talk } from "./talk.ts";
import type { TalkHost } from "./talk-host.ts";

const ME: PublicUser = { id: "me" as UserId, username: "ada" };
const BOB: PublicUser = { id: "bob" as UserId, username: "bob" };
const ROOM: Room = { id: "tea" as RoomId, name: "tea", visibility: "public", topic: "", head: 0, role: "member" };

function message(seq: number, text: string, by = BOB, epoch = 1): Extract<RoomEvent, { kind: "message" }> {
  const id = `id${seq}` as EventId;
  return { type: "event", room: ROOM.id, epoch, seq, at: 1_000 * seq, by, kind: "message", id, text };
}

/** A talk whose server is played by the test. */
function talkWith(past: readonly RoomEvent[]) {
  let listener: RoomListener | undefined;
  const history = vi.fn(async ({ before = 1_000 }: { before?: number }) => ({
    messages: past.filter(({ seq }) => seq < before).slice(-50),
    head: past.length,
    epoch: 1,
  }));
  const live = {
    subscribe: (given: RoomListener) => {
      listener = given;
      return Promise.resolve();
    },
    publish: () => new Promise(() => undefined),
    discard: () => true,
    pending: [],
    history,
    position: { seq: 3, epoch: 1 },
  };
  const client = {
    room: () => live,
    http: {} as HubbubHttp,
    state: { state: "ready" },
  } as unknown as TalkHost["client"];
  const host: TalkHost = {
    client,
    links: new FileLinks(client.http, () => undefined),
    me: () => ME,
    changed: () => undefined,
    heard: () => undefined,
    readElsewhere: () => undefined,
    refused: () => undefined,
    failed: (error) => {
      throw error;
    },
    explain: ({ message }) => message,
    persist: (work) => work().catch((error: HubbubError) => (error.shouldRetry() ? work() : Promise.reject(error))),
  };
  const talk = new Talk(ROOM, host);
  talk.start();
  if (listener === undefined) throw new Error("nobody listens");
  const shown = () =>
    entriesOf(talk, ME.id).flatMap((entry) => {
      if (entry.kind === "message") return [entry.message.event.text];
      if (entry.kind === "draft") return [`draft ${entry.draft.text}`];
      return entry.kind === "note" ? [entry.text] : [];
    });
  return { talk, listener, history, live, shown };
}

test("events that come before the room is live do not hide what was said before them", async () => {
  const past = [message(1, "one"), message(2, "two"), message(3, "three")];
  const { talk, listener, shown } = talkWith(past);
  listener.onEvent(message(3, "three"));
  listener.onLive?.({ seq: 3, epoch: 1 });
  await vi.waitFor(() => expect(shown()).toEqual(["one", "two", "three"]));
  expect(talk.hasOlder).toBe(false);
});

test("G1 a page that lacks what is not stored, because the log is away, is asked for again", async () => {
  const past = [message(1, "one"), message(2, "two"), message(3, "three")];
  const { listener, history, shown } = talkWith(past);
  history.mockResolvedValueOnce({ messages: past.slice(0, 1), head: 1, epoch: 1, partial: true } as never);
  listener.onLive?.({ seq: 3, epoch: 1 });
  await vi.waitFor(() => expect(shown()).toEqual(["one", "two", "three"]));
  expect(history).toHaveBeenCalledTimes(2);
});

test("G1 a page that comes when the oldest messages were dropped meanwhile leaves no hole", async () => {
  const { talk, listener, history } = talkWith([message(1, "one"), message(2, "two")]);
  let answer: (page: object) => void = () => undefined;
  history.mockReturnValueOnce(new Promise((resolve) => (answer = resolve as never)) as never);
  listener.onLive?.({ seq: 2, epoch: 1 });
  for (let seq = 3; seq <= MESSAGES_MAX + 3; seq += 1) listener.onEvent(message(seq, `m${seq}`));
  const { oldest } = talk;
  answer({ messages: [message(1, "one"), message(2, "two")], head: 2, epoch: 1 });
  await vi.waitFor(() => expect(talk.isLoading).toBe(false));
  expect(oldest).toBeGreaterThan(3);
  expect(talk).toMatchObject({ oldest, hasOlder: true });
});

test("G1 a page that was read before its events were lost and sent again elsewhere is asked for again", async () => {
  const past = [message(1, "one"), message(2, "two"), message(3, "three")];
  const { talk, listener, history, live, shown } = talkWith(past.slice(0, 2));
  let answer: (page: object) => void = () => undefined;
  history.mockReturnValueOnce(new Promise((resolve) => (answer = resolve as never)) as never);
  listener.onLive?.({ seq: 3, epoch: 1 });
  live.position = { seq: 900, epoch: 2 };
  listener.onEvent({ ...message(900, "three", BOB, 2), id: "id3" as EventId });
  answer({ messages: past, head: 3, epoch: 1 });
  await vi.waitFor(() => expect(talk.isLoading).toBe(false));
  expect(shown()).toEqual(["one", "two", "three"]);
});

test("what an epoch loses goes, and an own message that cannot be sent again is back as a draft", () => {
  const { talk, listener, shown } = talkWith([]);
  listener.onLive?.({ seq: 0, epoch: 1 });
  listener.onEvent(message(1, "kept"));
  listener.onEvent(message(2, "mine", ME));
  listener.onDurable?.(2, 1);
  listener.onLost?.("id2", new HubbubError("not_member", "no member"));
  listener.onGap?.({ from: 2, to: 2, reason: "epoch" });
  expect(shown()).toEqual(["kept", "draft mine"]);
  expect(talk.drafts.all).toMatchObject([{ text: "mine", error: "no member" }]);
  expect(talk.durableSeq).toBe(1);
});

test("a message that moves is shown once, in its new place", () => {
  const { listener, shown } = talkWith([]);
  listener.onLive?.({ seq: 0, epoch: 1 });
  listener.onEvent(message(1, "first"));
  listener.onEvent(message(2, "second"));
  listener.onEvent({ ...message(3, "third", BOB, 2), id: "id3" as EventId });
  listener.onMoved?.({ ...message(4, "first", BOB, 2), id: "id1" as EventId }, 1);
  expect(shown()).toEqual(["second", "third", "first"]);
});

test("missing events are told, and an event of somebody else with the id of a draft leaves the draft", () => {
  const { talk, listener, shown } = talkWith([]);
  listener.onLive?.({ seq: 0, epoch: 1 });
  talk.send("underway");
  const [draft] = talk.drafts.all;
  listener.onEvent({ ...message(1, "a copy of the id"), id: draft?.id as EventId });
  listener.onGap?.({ from: 2, to: 4, reason: "slow" });
  expect(shown()).toEqual(["a copy of the id", "3 events are missing here", "draft underway"]);
  listener.onEvent({ ...message(5, "underway", ME), id: draft?.id as EventId });
  expect(shown()).toEqual(["a copy of the id", "3 events are missing here", "underway"]);
});

test("the oldest of too many messages go, and are loaded again", async () => {
  const { talk, listener, history } = talkWith([message(1, "one")]);
  listener.onLive?.({ seq: 0, epoch: 1 });
  for (let seq = 1; seq <= 4_001; seq += 1) listener.onEvent(message(seq, `${seq}`));
  expect(talk.messages.size).toBe(2_000);
  expect(talk).toMatchObject({ oldest: 2_002, hasOlder: true });
  talk.loadOlder();
  await vi.waitFor(() => expect(history).toHaveBeenCalledWith({ before: 2_002, limit: 50 }));
});
