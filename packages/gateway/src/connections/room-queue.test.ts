import { newId, type ProtocolError, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { Connection } from "./connection.ts";
import { enqueue, isQueued } from "./room-queue.ts";

const [a, b] = [newId<RoomId>(), newId<RoomId>()];

function createConnection(): Connection {
  return new Connection("c", "192.0.2.1", { FRAMES_PER_SECOND: 1, PUBLISHES_PER_SECOND: 1 }, 0);
}

/** Work that goes on until it is told. */
function createWork() {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    log.push(`${name} begins`);
    return new Promise<void>((resolve) => ends.set(name, resolve));
  };
  return { log, work, end: (name: string) => ends.get(name)?.() };
}

test("work for one room runs one at a time; for two rooms or connections side by side, and at once when nothing runs", async () => {
  const [one, other] = [createConnection(), createConnection()];
  const { log, work, end } = createWork();
  const first = enqueue(one, a, work("first"));
  const second = enqueue(one, a, work("second"));
  void enqueue(one, b, work("beside"));
  void enqueue(other, a, work("elsewhere"));
  expect(log).toEqual(["first begins", "beside begins", "elsewhere begins"]);
  end("first");
  await first;
  await expect.poll(() => log.at(-1)).toBe("second begins");
  expect(isQueued(one, a)).toBe(true);
  end("second");
  await second;
  expect(isQueued(one, a)).toBe(false);
  expect([isQueued(one, b), isQueued(other, a)]).toEqual([true, true]);
});

test("work that fails ends its turn like any other, and its caller learns of it before the next turn", async () => {
  const connection = createConnection();
  const told: string[] = [];
  const failing = enqueue(connection, a, () => Promise.reject(new RangeError("a bug")));
  const next = enqueue(connection, a, async () => void told.push("next"));
  failing.catch((error: RangeError) => told.push(error.message));
  await next;
  expect(told).toEqual(["a bug", "next"]);
  expect(isQueued(connection, a)).toBe(false);
});

test("G8 a full queue refuses with overloaded, and takes work again when some of it is done", async () => {
  const connection = createConnection();
  const { work, end } = createWork();
  const entered = Array.from({ length: 20 }, (_none, at) =>
    enqueue(connection, a, at === 0 ? work("first") : async () => undefined),
  );
  end("first");
  const outcomes = await Promise.allSettled(entered);
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  expect(outcomes.findIndex(({ status }) => status === "rejected")).toBe(16);
  for (const reason of refused) expect(reason).toMatchObject({ code: "overloaded" } satisfies Partial<ProtocolError>);
  await enqueue(connection, a, async () => undefined);
  expect(isQueued(connection, a)).toBe(false);
});
