import { type Head, type HeadListener, HubbubError } from "@hubbub/client";
import type { PublicUser, RoomEvent, RoomId, RoomState } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { RoomStates, type RoomStatesHost } from "./room-states.ts";

const me = { id: "me", username: "Me" } as PublicUser;
const ada = { id: "ada", username: "ada" } as PublicUser;
const room = "r" as RoomId;
const state = (fields: Partial<RoomState> = {}): RoomState =>
  ({ room, head: 10, epoch: 1, read: 8, unread: 2, mentions: 1, level: "all", starred: false, ...fields }) as RoomState;
const head = (seq: number, fields: Partial<Head> = {}): Head =>
  ({ type: "head", room, epoch: 1, seq, at: seq, by: ada, preview: "hi", ...fields }) as Head;
const event = (seq: number, fields: object = {}): RoomEvent =>
  ({
    type: "event",
    kind: "message",
    room,
    epoch: 1,
    seq,
    at: seq,
    by: ada,
    id: `m${seq}`,
    text: "hi",
    ...fields,
  }) as never;

async function setUp(first: RoomState[] = [state()]) {
  let listener: HeadListener | undefined;
  const timers: { work: () => void; ms: number }[] = [];
  const userState = vi.fn(async (_since?: number) => ({ rooms: first, joined: first.length, at: 100 }));
  const markRead = vi.fn();
  const followHeads = vi.fn((_rooms: readonly string[], given: HeadListener) => {
    listener = given;
    return () => undefined;
  });
  const prefer = vi.fn(async () => ({ level: "nothing", starred: true }));
  const states = new RoomStates({
    client: { userState, followHeads, room: () => ({ markRead }), http: { prefer } },
    me,
    signal: new AbortController().signal,
    later: (work: () => void, ms: number) => {
      timers.push({ work, ms });
      return () => undefined;
    },
    changed: () => undefined,
    headed: () => undefined,
    failed: (error: unknown) => expect.fail(String(error)),
  } as unknown as RoomStatesHost);
  await states.load();
  return { states, userState, markRead, followHeads, timers, heads: () => listener ?? expect.fail("no heads") };
}

test("heads count at least one message each, and the server is asked for the number later, once", async () => {
  const { states, userState, heads, timers } = await setUp();
  heads().onHead(head(12));
  heads().onHead(head(15, { mentions: { room: true } }));
  heads().onHead(head(15));
  heads().onHead(head(16, { by: me }));
  heads().onHead(head(17, { preview: undefined }));
  expect(states.all.get(room)).toMatchObject({ head: 17, unread: 4, mentions: 2, isExact: false });
  expect(timers.map(({ ms }) => ms)).toEqual([20_000]);
  userState.mockResolvedValueOnce({ rooms: [state({ head: 17, unread: 7, mentions: 2 })], joined: 1, at: 200 });
  timers[0]?.work();
  await vi.waitFor(() => expect(states.all.get(room)).toMatchObject({ unread: 7, isExact: true }));
  expect(userState).toHaveBeenLastCalledWith(100);
});

test("events of an open room count messages that are shown in it, and mentions once", async () => {
  const { states } = await setUp();
  states.heard(room, event(11, { mentions: { names: ["me"] } }));
  states.hear({ type: "personal", kind: "notification", room, seq: 11, by: ada, preview: "" });
  states.heard(room, event(12, { thread: 3 }));
  states.heard(room, event(13, { kind: "react" }));
  states.heard(room, event(14, { by: me }));
  expect(states.all.get(room)).toMatchObject({ head: 14, unread: 3, mentions: 2, isExact: true });
});

test("what is read here or elsewhere moves forwards only, and the server is told once", async () => {
  const { states, markRead } = await setUp();
  states.read(room, 10);
  states.read(room, 9);
  states.read(room, 10);
  expect(markRead.mock.calls).toEqual([[10]]);
  expect(states.all.get(room)).toMatchObject({ read: 10, unread: 0, mentions: 0 });
  states.heard(room, event(11));
  states.heard(room, event(12));
  states.hear({ type: "personal", kind: "read", room, seq: 11 });
  // Only the server knows how much of it is left.
  expect(states.all.get(room)).toMatchObject({ read: 11, unread: 2, isExact: false });
  states.hear({ type: "personal", kind: "read", room, seq: 12 });
  expect(states.all.get(room)).toMatchObject({ read: 12, unread: 0, isExact: true });
});

test("what was told while the state was read stays", async () => {
  const { states, userState } = await setUp();
  states.heard(room, event(11));
  states.read(room, 11);
  userState.mockResolvedValueOnce({ rooms: [state()], joined: 1, at: 200 });
  await states.load();
  expect(states.all.get(room)).toMatchObject({ head: 11, read: 11, unread: 0 });
});

test("rooms come and go, and a lost one is noticed by their number", async () => {
  const other = "other" as RoomId;
  const { states, userState, followHeads, timers, heads } = await setUp([state(), state({ room: other })]);
  userState
    .mockResolvedValueOnce({ rooms: [], joined: 1, at: 200 })
    .mockResolvedValueOnce({ rooms: [state()], joined: 1, at: 200 });
  states.hear({ type: "personal", kind: "missed", afterMs: 50 });
  expect(timers[0]?.ms).toBe(50);
  timers[0]?.work();
  await vi.waitFor(() => expect([...states.all.keys()]).toEqual([room]));
  expect(userState.mock.calls.map(([since]) => since)).toEqual([undefined, 100, undefined]);
  expect(followHeads).toHaveBeenCalledTimes(1);
  heads().onRefused?.(room, new HubbubError("too_many_subscriptions"));
  expect(states.all.size).toBe(1);
  heads().onRefused?.(room, new HubbubError("not_member"));
  expect(states.all.size).toBe(0);
});

test("level and star are those that the server answers, and those that another browser chooses", async () => {
  const { states } = await setUp();
  expect(await states.prefer(room, { starred: true })).toBe(true);
  expect(states.all.get(room)).toMatchObject({ level: "nothing", starred: true });
  states.hear({ type: "personal", kind: "room", room, level: "mentions", starred: false });
  expect(states.all.get(room)).toMatchObject({ level: "mentions", starred: false });
});
