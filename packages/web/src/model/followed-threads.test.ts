import type { FollowedThread, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { FollowedThreads } from "./followed-threads.ts";

const room = "tea" as RoomId;
const thread = (unread: number): FollowedThread => ({ room, seq: 1, count: 2, last: 3, at: 3, unread });
const reply = (seq: number, by: string, root = 1): RoomEvent =>
  ({ type: "event", kind: "message", room, seq, epoch: 1, at: seq, by: { id: by }, thread: root, text: "" }) as never;

async function setUp(unread: number) {
  const markThreadRead = vi.fn(async () => undefined);
  const followed = vi.fn(async () => ({ threads: [thread(unread)] }));
  const planned: { work: () => void; ms: number; isStopped: boolean }[] = [];
  let shown: readonly FollowedThread[] = [];
  const threads = new FollowedThreads({
    http: { messages: { markThreadRead, followed } } as never,
    me: "me" as UserId,
    signal: new AbortController().signal,
    later: (work, ms) => {
      const plan = { work, ms, isStopped: false };
      planned.push(plan);
      return () => {
        plan.isStopped = true;
      };
    },
    changed: (all) => {
      shown = all;
    },
    failed: (error) => expect.fail(String(error)),
  });
  await threads.load();
  return { threads, markThreadRead, followed, planned, unread: () => shown[0]?.unread };
}

test("a reply of another user is news until the thread is read or answered, and is marked once", async () => {
  const { threads, unread, markThreadRead } = await setUp(0);
  threads.heard(room, reply(4, "ada"));
  threads.heard(room, reply(5, "ada"));
  expect(unread()).toBe(2);
  threads.read(room, 1, 4);
  expect(unread()).toBe(2);
  threads.read(room, 1, 5);
  threads.read(room, 1, 5);
  expect(unread()).toBe(0);
  expect(markThreadRead).toHaveBeenCalledExactlyOnceWith(room, 1, 5);
  threads.heard(room, reply(6, "ada"));
  threads.heard(room, reply(7, "me"));
  expect(unread()).toBe(0);
});

test("what may be news of another thread has the list read again: soon after a reply, a minute after heads", async () => {
  const { threads, planned, followed } = await setUp(1);
  threads.headed();
  threads.headed();
  threads.heard(room, reply(9, "ada", 8));
  threads.headed();
  expect(planned.map(({ ms, isStopped }) => [ms, isStopped])).toEqual([
    [60_000, true],
    [5_000, false],
  ]);
  planned[1]?.work();
  expect(followed).toHaveBeenCalledTimes(2);
});
