import { HubbubError, type RoomListener } from "@hubbub/client";
import type { HistoryPage, Room, RoomEvent, RoomId, SearchPage, UserId } from "@hubbub/protocol";
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
  const publishes: { id: string; earlier?: { at: number; after: number }; settle(error?: HubbubError): void }[] = [];
  const live = {
    subscribe: (given: RoomListener) => {
      listener = given;
      return new Promise<never>(() => undefined);
    },
    publish: (_text: string, { id, earlier }: { id: string; earlier?: { at: number; after: number } }) =>
      new Promise((resolve, reject) => {
        const settle = (error?: HubbubError) => (error ? reject(error) : resolve({ seq: 4, epoch: 1, at: 0 }));
        publishes.push({ id, ...(earlier && { earlier }), settle });
      }),
    unsubscribe: () => undefined,
  };
  const history = vi.fn<(room: string, query: { before?: number; after?: number }) => Promise<HistoryPage>>();
  const search = vi.fn<(query: string) => Promise<SearchPage>>();
  const words = new Words(new PageStorage(() => ({}) as Storage, "hubbub."), "me");
  const failed = vi.fn();
  const refused = vi.fn();
  const roomChanged = vi.fn();
  const host = {
    me: "me" as UserId,
    client: { room: () => live, http: { history, search } },
    words,
    kept: () => EMPTY,
    isSeen: () => false,
    changed: (_: Talk) => undefined,
    heard: () => undefined,
    failed,
    refused,
    roomChanged,
  } as unknown as ConversationHost;
  const conversation = new Conversation(room, host);
  const hear = (): RoomListener => listener ?? expect.fail("not subscribed");
  return { conversation, hear, history, search, words, publishes, failed, refused, roomChanged };
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

test("a loaded message that was not stored, and was sent again through another gateway, is shown once", async () => {
  const { conversation, hear, history } = setUp();
  history.mockResolvedValue({ messages: [message(1), message(2)], head: 2, epoch: 1 } as never);
  conversation.start();
  hear().onLive?.({ seq: 2, epoch: 1 });
  await vi.waitFor(() => expect(seqs(conversation)).toEqual([1, 2]));
  hear().onDurable?.(1, 1);
  hear().onEpoch?.(2);
  hear().onGap?.({ from: 3, to: 1_001, reason: "epoch" });
  hear().onEvent({ ...message(1_002, "m2"), epoch: 2 });
  expect(seqs(conversation)).toEqual([1, 1_002]);
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

test("G3 unsent messages of an earlier visit go with their age, which the client judges when it can send them", async () => {
  const { conversation, words, publishes } = setUp();
  const unsent = { room: room.id, text: "x", error: "" };
  const at = Date.now() - 600_000;
  words.keep({ ...unsent, id: "fresh", at: at + 599_000, after: 3 });
  words.keep({ ...unsent, id: "old", at });
  conversation.start();
  expect(publishes).toMatchObject([
    { id: "old", earlier: { at, after: 0 } },
    { id: "fresh", earlier: { at: at + 599_000, after: 3 } },
  ]);
  conversation.send("new");
  expect(publishes[2]).not.toHaveProperty("earlier");
  publishes[0]?.settle(new HubbubError("outcome_unknown"));
  await vi.waitFor(() => expect(words.unsent()[0]?.error).toMatch(/^It is not known whether/));
  expect(conversation.talk.timeline.drafts.map(({ error }) => error === undefined)).toEqual([true, true, false]);
  // The login ended: the message waits for the next visit.
  publishes[1]?.settle(new HubbubError("session_revoked"));
  await Promise.resolve();
  expect(words.unsent().find(({ id }) => id === "fresh")?.error).toBe("");
});

test("slow mode holds the writer from an ack on, or for as long as a refusal says", async () => {
  const { conversation, hear, publishes } = setUp();
  conversation.start();
  hear().onLive?.({ seq: 3, epoch: 1 });
  const settings = { slowModeSeconds: 60 };
  hear().onEvent({ ...message(4), kind: "room", name: "tea", topic: "", settings } as never);
  conversation.send("one");
  const before = Date.now();
  publishes[0]?.settle();
  await vi.waitFor(() => expect(conversation.talk.slow?.until).toBeGreaterThanOrEqual(before + 60_000));
  conversation.send("two");
  publishes[1]?.settle(new HubbubError("slow_mode", undefined, { retryAfterMs: 5_000 }));
  await vi.waitFor(() => expect(conversation.talk.slow?.until).toBeLessThan(before + 59_000));
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

/** A room of 300 messages, in pages of 50. */
const pageOf = async (_room: string, { before = 301, after }: { before?: number; after?: number }) => {
  const from = after === undefined ? Math.max(1, before - 50) : after + 1;
  const to = after === undefined ? before - 1 : Math.min(300, after + 50);
  const messages = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => message(from + index));
  const isEnd = after === undefined ? from === 1 : to === 300;
  return { messages, head: 300, epoch: 1, ...(isEnd ? {} : { cursor: after === undefined ? from : to }) };
};

async function open300() {
  const all = setUp();
  all.history.mockImplementation(pageOf);
  all.conversation.start();
  all.hear().onLive?.({ seq: 300, epoch: 1 });
  await vi.waitFor(() => expect(seqs(all.conversation)).toHaveLength(50));
  return all;
}

test("a jump shows what is around its place, counts what comes meanwhile, and leads back to the newest", async () => {
  const { conversation, hear } = await open300();
  conversation.jump({ seq: 120 });
  await vi.waitFor(() => expect(conversation.talk.target).toEqual({ seq: 120 }));
  expect(seqs(conversation)).toEqual(Array.from({ length: 100 }, (_, index) => 71 + index));
  hear().onEvent(message(301));
  expect(conversation.talk).toMatchObject({ news: 1, timeline: { hasNewer: true, newest: 170, head: 301 } });
  conversation.toNewest();
  await vi.waitFor(() => expect(conversation.talk.timeline.hasNewer).toBe(false));
  expect([conversation.talk.news, seqs(conversation).at(0), seqs(conversation).at(-1)]).toEqual([0, 251, 301]);
});

test("of two jumps the later one holds, whichever is answered first", async () => {
  const { conversation, history } = await open300();
  const late: (() => void)[] = [];
  history.mockImplementation((room, query) =>
    (query.before ?? query.after ?? 0) > 100
      ? new Promise((resolve) => late.push(() => resolve(pageOf(room, query))))
      : pageOf(room, query),
  );
  conversation.jump({ seq: 150 });
  conversation.jump({ seq: 60 });
  await vi.waitFor(() => expect(conversation.talk.target).toEqual({ seq: 60 }));
  for (const answer of late) answer();
  await new Promise((resolve) => setTimeout(resolve));
  expect(conversation.talk).toMatchObject({ target: { seq: 60 }, isLoading: false, timeline: { oldest: 11 } });
});

test("a jump to a date asks the search, and halves the numbers of the room where there is none", async () => {
  const { conversation, search } = await open300();
  search.mockResolvedValueOnce({ results: [{ seq: 99 }] } as never);
  conversation.jump({ date: 100 });
  await vi.waitFor(() => expect(conversation.talk.target).toEqual({ seq: 100 }));
  expect(search).toHaveBeenCalledWith("in:r before:1970-01-01T00:00:00.100Z", undefined);
  search.mockRejectedValueOnce(new HubbubError("unsupported"));
  conversation.jump({ date: 200 });
  await vi.waitFor(() => expect(conversation.talk.target).toEqual({ seq: 200 }));
});

test("a jump to what is unread starts behind the mark of when the room was opened", async () => {
  const { conversation } = await open300();
  conversation.seen(40);
  conversation.jump("unread");
  await vi.waitFor(() => expect(conversation.talk.target).toEqual({ seq: 41 }));
});

test("an own message that is lost with its epoch comes back to its writer, wherever the window is", async () => {
  const { conversation, hear, publishes } = await open300();
  conversation.send("mine");
  publishes[0]?.settle();
  await vi.waitFor(() => expect(conversation.talk.timeline.drafts).toEqual([]));
  expect(conversation.isIdle).toBe(false);
  const id = publishes[0]?.id ?? "";
  hear().onDurable?.(9, 2);
  hear().onLost?.(id, new HubbubError("forbidden"));
  expect(conversation.talk.timeline.drafts).toMatchObject([
    { id, text: "mine", error: "Your role does not allow this." },
  ]);
  conversation.resend(id);
  publishes[1]?.settle();
  await vi.waitFor(() => expect(conversation.talk.timeline.drafts).toEqual([]));
  hear().onDurable?.(9, 1);
  expect(conversation.isIdle).toBe(true);
  hear().onLost?.(id, new HubbubError("forbidden"));
  expect(conversation.talk.timeline.drafts).toEqual([]);
  // Sent before this object was made.
  hear().onLost?.("m300", new HubbubError("forbidden"));
  expect(conversation.talk.timeline.drafts).toMatchObject([{ id: "m300", text: "m300" }]);
});
