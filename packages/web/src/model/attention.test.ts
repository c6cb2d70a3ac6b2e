import type { Client, Head, HeadListener } from "@hubbub/client";
import type { PublicUser, Room, RoomEvent, RoomId } from "@hubbub/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Attention, type AttentionHost } from "./attention.ts";
import { PageStorage } from "./page-storage.ts";

const me = { id: "me", username: "me" } as PublicUser;
const ada = { id: "ada", username: "ada" } as PublicUser;
const tea = { id: "tea" as RoomId, name: "tea", visibility: "public" } as Room;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function setUp() {
  let heads: HeadListener | undefined;
  const markRead = vi.fn();
  const client = {
    userState: async () => ({
      rooms: [{ room: tea.id, head: 4, read: 4, unread: 0, mentions: 0, level: "all" }],
      joined: 1,
      at: 1,
    }),
    followHeads: (_rooms: readonly string[], listener: HeadListener) => {
      heads = listener;
    },
    room: () => ({ markRead }),
    http: { messages: { followed: async () => ({ threads: [] }) } },
  } as unknown as Client;
  const close = vi.fn();
  const show = vi.fn(() => ({ close }));
  const attention = new Attention({
    client,
    me,
    storage: new PageStorage(() => ({}) as Storage, "hubbub."),
    notifier: { permission: "granted", ask: async () => "granted", show },
    signal: new AbortController().signal,
    isSeen: () => false,
    room: (id) => (id === tea.id ? tea : undefined),
    open: () => undefined,
    changed: () => undefined,
    failed: (error: unknown) => expect.fail(String(error)),
  } satisfies AttentionHost);
  await attention.start();
  return { attention, show, close, heads: () => heads ?? expect.fail("no heads"), markRead };
}

test("a message is shown once, however it is told, and goes when it is read", async () => {
  const { attention, show, close, heads, markRead } = await setUp();
  const event = { kind: "message", room: tea.id, epoch: 1, seq: 5, at: 5, by: ada, id: "m5", text: "hi" };
  attention.heard(tea, event as unknown as RoomEvent);
  heads().onHead({ type: "head", room: tea.id, epoch: 1, seq: 5, at: 5, by: ada, preview: "hi" } as Head);
  attention.hear({ type: "personal", kind: "notification", room: tea.id, seq: 5, by: ada, preview: "hi" });
  vi.advanceTimersByTime(5_000);
  expect(show).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ title: "ada in tea", body: "hi" }));
  expect(attention.rooms.all.get(tea.id)).toMatchObject({ unread: 1, head: 5 });
  attention.rooms.read(tea.id, 5);
  expect(markRead).toHaveBeenCalledWith(5);
  expect(close).toHaveBeenCalledOnce();
});

test("a head of a room that is not open is shown, and one of an unknown room is not", async () => {
  const { show, heads } = await setUp();
  const head = { type: "head", epoch: 1, seq: 5, at: 5, by: ada, preview: "hi" };
  heads().onHead({ ...head, room: tea.id } as Head);
  heads().onHead({ ...head, room: "other" as RoomId } as Head);
  vi.advanceTimersByTime(5_000);
  expect(show).toHaveBeenCalledOnce();
});
