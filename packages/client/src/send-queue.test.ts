import type { Limits } from "@hubbub/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Request } from "./link.ts";
import { SendQueue } from "./send-queue.ts";

const limits: Limits = {
  frameMaxBytes: 1,
  textMaxBytes: 1,
  framesPerSecond: 20,
  publishesPerSecond: 5,
  subscriptions: 200,
  inflight: 256,
};
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const quiet = (): void => undefined;
const request = (type: string, id: number): Request => ({ type, room: String(id) }) as unknown as Request;

/** What the server's limit of this rate would have refused: a bucket of one second's worth. */
function refusedAt(times: readonly number[], perSecond: number): number {
  let [tokens, at, refused] = [perSecond, times[0] ?? 0, 0];
  for (const time of times) {
    tokens = Math.min(perSecond, tokens + ((time - at) * perSecond) / 1_000);
    at = time;
    if (tokens >= 1) tokens -= 1;
    else refused += 1;
  }
  return refused;
}

test("190 subscribes and 60 events are sent at the limits, and the server refuses none", async () => {
  const sent: { type: string; at: number; id: number }[] = [];
  const queue = new SendQueue(limits, ({ request: one }) =>
    sent.push({ type: one.type, at: performance.now(), id: "room" in one ? Number(one.room) : -1 }),
  );
  for (let id = 0; id < 190; id += 1) queue.push({ request: request("subscribe", id), timeoutMs: 1, onAnswer: quiet });
  for (let id = 0; id < 60; id += 1) queue.push({ request: request("publish", id), timeoutMs: 1, onAnswer: quiet });
  await vi.advanceTimersByTimeAsync(16_000);
  expect(sent).toHaveLength(250);
  const of = (type: string) => sent.filter((one) => one.type === type);
  expect(
    refusedAt(
      sent.map(({ at }) => at),
      20,
    ),
  ).toBe(0);
  expect(
    refusedAt(
      of("publish").map(({ at }) => at),
      5,
    ),
  ).toBe(0);
  for (const type of ["subscribe", "publish"]) {
    expect(of(type).map(({ id }) => id)).toEqual(of(type).map((_one, at) => at));
  }
});

test("G2 events of every kind leave in the order in which they were given", async () => {
  const sent: string[] = [];
  const queue = new SendQueue(limits, ({ request: one }) => sent.push(one.type));
  const given = ["publish", "edit", "delete", "react", "pin"].flatMap((type) => [type, "publish", "publish"]);
  for (const [id, type] of given.entries()) queue.push({ request: request(type, id), timeoutMs: 1, onAnswer: quiet });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual(given);
});

test("the queue of a closed link rejects everything in it", () => {
  const codes: string[] = [];
  const queue = new SendQueue({ ...limits, framesPerSecond: 1 }, quiet);
  for (let id = 0; id < 3; id += 1) {
    const onAnswer = (answer: { ok: boolean; error?: { code: string } }) => codes.push(answer.error?.code ?? "ok");
    queue.push({ request: request("subscribe", id), timeoutMs: 1, onAnswer });
  }
  queue.end({ code: "connection_lost" } as never);
  expect(codes).toEqual(["connection_lost", "connection_lost"]);
});

test("every kind of event keeps its place behind events that wait for their pace, and ends with its round", async () => {
  const sent: string[] = [];
  const refused: string[] = [];
  const queue = new SendQueue({ ...limits, publishesPerSecond: 2 }, ({ request: one }) => sent.push(one.type));
  const kinds = ["publish", "edit", "delete", "react", "pin", "publish"];
  for (const [at, kind] of kinds.entries()) {
    const onAnswer = ({ ok }: { ok: boolean }) => ok || refused.push(`${at} ${kind}`);
    queue.push({ request: { ...request(kind, at), round: at < 4 ? 0 : 1 } as Request, timeoutMs: 1, onAnswer });
  }
  await vi.advanceTimersByTimeAsync(1_200);
  expect(sent).toEqual(["publish", "edit", "delete"]);
  queue.dropRound(1);
  expect(refused).toEqual(["3 react", "4 pin", "5 publish"]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent).toHaveLength(3);
});
