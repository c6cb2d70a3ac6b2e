import { HubbubError, type RoomListener } from "@hubbub/client";
import type { HistoryPage, Room, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { Conversation, type ConversationHost, type Talk } from "./conversation.ts";
import { PageStorage } from "./page-storage.ts";
import { EMPTY } from "./timeline.ts";
import { Words } from "./words.ts";

const room: Room = {
  id: "r" as RoomId,
  name: "tea",
  visibility: "public",
  topic: "",
  role: "member",
  head: 3,
} as never;
const message = (seq: number, id = `m${seq}`): RoomEvent =>
  ({ type: "event", kind: "message", room: "r", epoch: 1, seq, at: seq, by: { id: "you" }, id, text: id }) as never;

function setUp() {
  let listener: RoomListener | undefined;
  const publishes: { id: string; settle(error?: HubbubError): void }[] = [];
  const live = {
    subscribe: (given: RoomListener) => {
      listener = given;
      return new Promise<never>(() => undefined);
    },
    publish: (_text: string, { id }: { id: string }) =>
      new Promise((resolve, reject) => {
        const settle = (error?: HubbubError) => (error ? reject(error) : resolve({ seq: 4, epoch: 1, at: 0 }));
        publishes.push({ id, settle });
      }),
    unsubscribe: () => undefined,
  };
  const history = vi.fn<() => Promise<HistoryPage>>();
  const words = new Words(new PageStorage(() => ({}) as Storage, "hubbub."), "me");
  const failed = vi.fn();
  const refused = vi.fn();
  const roomChanged = vi.fn();
  const host = {
    me: "me" as UserId,
    client: { room: () => live, http: { history } },
    words,
    kept: () => EMPTY,
    isSeen: () => false,
    changed: (_: Talk) => undefined,
    failed,
    refused,
    roomChanged,
  } as unknown as ConversationHost;
  const conversation = new Conversation(room, host);
  const hear = (): RoomListener => listener ?? expect.fail("not subscribed");
  return { conversation, hear, history, words, publishes, failed, refused, roomChanged };
}

const seqs = ({ talk }: Conversation) => talk.timeline.items.map(({ seq }) => seq);

test("a room without its history is live anyway, and the history follows", async () => {
  const { conversation, hear, history } = setUp();
  history.mockRejectedValueOnce(new HubbubError("unavailable"));
  history.mockResolvedValue({ messages: [message(1), message(2), message(3)], head: 4, epoch: 1 } as never);
  conversation.start();
  hear().onLive?.({ seq: 3, epoch: 1 });
  hear().onEvent(message(4));
  expect(seqs(conversation)).toEqual([4]);
  await vi.waitFor(() => expect(seqs(conversation)).toEqual([1, 2, 3, 4]), { timeout: 5_000 });
  expect(history).toHaveBeenLastCalledWith("r", { before: 4, limit: 50 });
  expect(conversation.talk.unread).toBe(1);
});

test("a refused history can be requested again", async () => {
  const { conversation, hear, history, failed } = setUp();
  history.mockRejectedValueOnce(new HubbubError("forbidden"));
  history.mockResolvedValue({ messages: [message(1)], head: 1, epoch: 1 } as never);
  conversation.start();
  hear().onLive?.({ seq: 1, epoch: 1 });
  await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
  expect(conversation.talk).toMatchObject({ isLoading: false, timeline: { hasOlder: true } });
  conversation.loadOlder();
  await vi.waitFor(() => expect(seqs(conversation)).toEqual([1]));
});

test("a room says that the user was removed, and is live again after the next join", () => {
  const { conversation, hear, refused } = setUp();
  conversation.start();
  hear().onRefused?.(new HubbubError("not_member"));
  expect(conversation.talk.closed).toBe("You are not in this room.");
  expect(refused).toHaveBeenCalledOnce();
  conversation.start();
  expect(conversation.talk.closed).toBe("");
});

test("a message is stored until the server has it; a refused one is sent again or discarded", async () => {
  const { conversation, hear, words, publishes } = setUp();
  conversation.start();
  hear().onLive?.({ seq: 0, epoch: 1 });
  conversation.send("one");
  conversation.send("two");
  expect(words.unsent().map(({ text }) => text)).toEqual(["one", "two"]);
  publishes[0]?.settle(new HubbubError("forbidden"));
  publishes[1]?.settle(new HubbubError("forbidden"));
  await vi.waitFor(() => expect(words.unsent().every(({ error }) => error !== "")).toBe(true));
  const [one, two] = conversation.talk.timeline.drafts;
  conversation.resend(one?.id ?? "");
  conversation.discard(two?.id ?? "");
  expect(publishes[2]?.id).toBe(one?.id);
  publishes[2]?.settle();
  await vi.waitFor(() => expect(words.unsent()).toEqual([]));
});

test("unsent messages of an earlier visit are sent under their ids, unless the server may have forgotten the ids", async () => {
  const { conversation, words, publishes } = setUp();
  const unsent = { room: room.id, text: "x", error: "" };
  words.keep({ ...unsent, id: "old", at: Date.now() - 600_000 });
  words.keep({ ...unsent, id: "fresh", at: Date.now() - 1_000 });
  conversation.start();
  expect(publishes.map(({ id }) => id)).toEqual(["fresh"]);
  expect(conversation.talk.timeline.drafts).toMatchObject([
    { id: "old", error: "it is not known whether it arrived" },
    { id: "fresh", error: undefined },
  ]);
  // The login ended: the message waits for the next visit.
  publishes[0]?.settle(new HubbubError("session_revoked"));
  await Promise.resolve();
  expect(words.unsent().find(({ id }) => id === "fresh")?.error).toBe("");
});

test("events change name, settings and the own role of the room, and roles of others do not", () => {
  const { conversation, hear, roomChanged } = setUp();
  conversation.start();
  hear().onLive?.({ seq: 3, epoch: 1 });
  const event = (fields: object) => ({ ...message(4), ...fields }) as RoomEvent;
  hear().onEvent(event({ kind: "room", name: "coffee", topic: "", settings: { archived: true } }));
  hear().onEvent(event({ kind: "member", seq: 5, user: "me", role: "moderator" }));
  hear().onEvent(event({ kind: "member", seq: 6, user: "you", role: "guest" }));
  hear().onEvent(event({ kind: "member", seq: 7, user: "me", mutedUntil: 9 }));
  expect(conversation.room).toMatchObject({ name: "coffee", settings: { archived: true }, role: "moderator" });
  expect(roomChanged).toHaveBeenCalledTimes(2);
});
