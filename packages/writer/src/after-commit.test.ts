import type { RoomId, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { AfterCommit } from "./after-commit.ts";

const room = "r" as RoomId;
const by = { id: "a" as UserId, username: "ada" };
const mention = (seq: number) => ({ room, seq, user: "u" as UserId, by, preview: "hi @you" });

function setUp() {
  const told: { to: string; frame: object }[] = [];
  const forgotten: unknown[] = [];
  const broker = {
    isAway: false,
    /** Signals that are taken before the log is away. */
    taken: Number.POSITIVE_INFINITY,
    forget: (_shard: number, rooms: readonly unknown[]) => {
      forgotten.push(...rooms);
      return Promise.resolve([]);
    },
    publishControl: () => Promise.resolve(),
    publishSignal: (to: string, frame: string) => {
      if (broker.isAway || told.length >= broker.taken) return Promise.reject(new Error("away"));
      told.push({ to, frame: JSON.parse(frame) as object });
      return Promise.resolve();
    },
  };
  return { after: new AfterCommit(broker, 0), broker, told, forgotten };
}

test("mentioned users are told once, and again only if the log was away", async () => {
  const { after, broker, told, forgotten } = setUp();
  after.add([{ room, seq: 3 }, mention(4)]);
  broker.isAway = true;
  await expect(after.drop()).rejects.toThrow("away");
  broker.isAway = false;
  await after.drop();
  await after.drop();
  const frame = { type: "personal", kind: "notification", room, seq: 4, by, preview: "hi @you" };
  expect(told).toEqual([{ to: "u", frame }]);
  expect(forgotten).toEqual([{ room, seq: 3, stored: 3 }]);
});

test("G8 mentions that wait are bounded", async () => {
  const { after, told } = setUp();
  after.add(Array.from({ length: 2_500 }, (_, at) => mention(at)));
  await after.drop();
  expect(told).toHaveLength(2_000);
});

test("mentions that were told are not told again when another one could not be", async () => {
  const { after, broker, told } = setUp();
  after.add([mention(1), mention(2), mention(3)]);
  broker.taken = 2;
  await expect(after.drop()).rejects.toThrow("away");
  broker.taken = 9;
  await after.drop();
  expect(told.map(({ frame }) => (frame as { seq: number }).seq)).toEqual([1, 2, 3]);
});
