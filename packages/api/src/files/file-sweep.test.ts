import { type EventId, type FileId, newId, type RoomId } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { openWorld, type Person, TestApi } from "../../test/test-api.ts";
import { FileSweep } from "./file-sweep.ts";

const world = await openWorld();
const api = new TestApi(world);
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
});

const HOUR_MS = 3_600_000;
const QUOTAS = { user: 1_000_000, room: 1_000_000 };

async function upload(room: RoomId, { user }: Person): Promise<FileId> {
  const id = newId<FileId>();
  const shape = { name: "a.txt", type: "text/plain", bytes: 3, cost: 4_096, width: null, height: null };
  await world.store.files.add({ id, room, user: user.id, hash: "a".repeat(64), uploadId: id, ...shape }, QUOTAS);
  await world.store.files.finish(id);
  return id;
}

test("a file whose message was never accepted is swept after a day, one whose message waits in the log is not", async () => {
  const log = createLogger({ level: "silent", node: "test" });
  const sweep = new FileSweep({ ...world, unusedHours: 24, log });
  onTestFinished(() => sweep.close());
  const owner = await api.guest();
  const [quiet, busy] = [(await api.room(owner)).id, (await api.room(owner)).id];
  const say = async (room: RoomId, file: FileId) =>
    (
      await api.call("POST", `/rooms/${room}/messages`, {
        token: owner.token,
        body: { id: newId(), text: "", files: [file] },
      })
    ).status;
  const [stored, stray, waiting] = [await upload(quiet, owner), await upload(quiet, owner), await upload(busy, owner)];
  expect(await say(quiet, stored)).toBe(201);
  await world.commit();
  // The process died between the two steps.
  await world.store.files.attach({ room: quiet, user: owner.user.id, id: "lost" as EventId }, [stray]);
  expect(await say(busy, waiting)).toBe(201);
  const isThere = async (room: RoomId, file: FileId) =>
    (await world.store.files.find(room, file, owner.user.id)) !== null;
  await sweep.sweep(Date.now() + 23 * HOUR_MS);
  expect(await isThere(quiet, stray)).toBe(true);
  await sweep.sweep(Date.now() + 25 * HOUR_MS);
  expect(await isThere(quiet, stray)).toBe(false);
  expect(await isThere(busy, waiting)).toBe(true);
  await world.commit();
  await sweep.sweep(Date.now() + 25 * HOUR_MS);
  expect([await isThere(quiet, stored), await isThere(busy, waiting)]).toEqual([true, true]);
});
