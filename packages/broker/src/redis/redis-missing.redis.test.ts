import { newId } from "@hubbub/protocol";
import { expect, onTestFinished, test } from "vitest";
import { message, newRoom } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";

const BATCHES = 6;
const PER_BATCH = 300;

/** A shard of which everything was committed, and trimmed as far as Redis trims. */
async function trimmed(prefix: string) {
  const broker = openOnRedis({ prefix, backlogMaxEvents: 10_000 });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  const room = newRoom();
  await broker.initialise(room, { epoch: 1, head: 0 });
  const log = await broker.openLog(0);
  onTestFinished(() => log[Symbol.asyncDispose]());
  const offsets: string[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const texts = Array.from({ length: PER_BATCH }, (_, at) => message(room, `${batch}-${at}`));
    await broker.accept(0, texts);
    const entries = await log.read(offsets.at(-1) ?? "", PER_BATCH, 0);
    offsets.push(entries.at(-1)?.offset ?? "");
  }
  return { broker, log, offsets };
}

test("G2 G6 a store behind what the log has forgotten is told so, and one that the log can bring up to date is not", async () => {
  const { broker, log, offsets } = await trimmed(`test:${newId()}:`);
  const [first = "", , third = "", , , last = ""] = offsets;
  expect(await log.missing("")).toBe(0);
  await log.trim(last);
  const behind = await log.missing(first);
  expect(behind).toBeGreaterThan(0);
  expect(await log.missing("")).toBe(behind + PER_BATCH);
  expect(await log.missing(third)).toBe(Math.max(behind - 2 * PER_BATCH, 0));
  expect(await log.missing(last)).toBe(0);
  // Sealed, or of a log that was lost: what the store has of this one is not written in the position.
  expect(await log.missing(await broker.logStart(0))).toBe(0);
  expect(await log.missing("another.log/1-3")).toBe(0);
});

test("G6 a log that has met a later generation lets nobody of an earlier one store", async () => {
  const prefix = `test:${newId()}:`;
  const [later, earlier] = [openOnRedis({ prefix, generation: 2 }), openOnRedis({ prefix, generation: 1 })];
  onTestFinished(async () => {
    await later[Symbol.asyncDispose]();
    await earlier[Symbol.asyncDispose]();
  });
  await using newest = await later.openLog(0);
  expect(await newest.missing("")).toBe(0);
  await using older = await earlier.openLog(0);
  expect(await older.missing("")).toBe(Number.POSITIVE_INFINITY);
});
