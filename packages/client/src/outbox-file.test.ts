import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileOutbox } from "./outbox-file.ts";
import type { KeptEvent } from "./outbox-storage.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-outbox-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const message = (id: string, text = id): KeptEvent => ({ type: "publish", room: "room", id, text, at: 1, after: 0 });
const ignore = () => undefined;
const idsOf = (messages: readonly KeptEvent[]) => messages.map(({ id }) => id);

test("what was added and not removed is there for the next process, in its order, and for its owner only", async () => {
  const path = join(folder, "one");
  const first = fileOutbox(path);
  expect(await first.open("ada", ignore)).toEqual([]);
  await Promise.all(["a", "b", "c"].map((id) => first.add(message(id))));
  await first.remove("b");
  await first.close();
  const second = fileOutbox(path);
  expect(await second.open("bob", ignore)).toEqual([]);
  await second.add(message("a"));
  await second.remove("a");
  await second.close();
  const third = fileOutbox(path);
  expect(idsOf(await third.open("ada", ignore))).toEqual(["a", "c"]);
  await third.close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a message is on the disk when it is added, and adds that come together share a write", async () => {
  const path = join(folder, "synced");
  const outbox = fileOutbox(path);
  await outbox.open("ada", ignore);
  const ids = Array.from({ length: 200 }, (_none, at) => `m${at}`);
  await Promise.all(
    ids.map(async (id) => {
      await outbox.add(message(id));
      expect(await readFile(path, "utf8")).toContain(`"${id}"`);
    }),
  );
  await outbox.close();
});

test("a crash between the write beside the file and the rename leaves the file as it was", async () => {
  const path = join(folder, "torn");
  const outbox = fileOutbox(path);
  await outbox.open("ada", ignore);
  await outbox.add(message("whole"));
  await outbox.close();
  await writeFile(`${path}.new`, '{"events":[{"id":"ha');
  const next = fileOutbox(path);
  expect(idsOf(await next.open("ada", ignore))).toEqual(["whole"]);
  await next.add(message("more"));
  await next.close();
  expect(idsOf(JSON.parse(await readFile(path, "utf8")).events)).toEqual(["whole", "more"]);
});

test("one process at a time has the file; the lock of one that is gone does not count", async () => {
  const path = join(folder, "locked");
  const outbox = fileOutbox(path);
  await outbox.open("ada", ignore);
  const refusal = { code: "outbox_in_use", message: expect.stringContaining(`remove ${path}.lock`) };
  await expect(fileOutbox(path).open("ada", ignore)).rejects.toMatchObject(refusal);
  await outbox.close();
  const gone = `${path}.lock.0.999999999.`;
  await writeFile(gone, "");
  const next = fileOutbox(path);
  await expect(next.open("ada", ignore)).resolves.toEqual([]);
  await expect(stat(gone)).rejects.toMatchObject({ code: "ENOENT" });
  await next.close();
});

test.runIf(process.platform === "linux")("a lock does not count when another process has got its number", async () => {
  const path = join(folder, "reused");
  const [other] = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  await writeFile(`${path}.lock.0.${other}.1`, "");
  const next = fileOutbox(path);
  await expect(next.open("ada", ignore)).resolves.toEqual([]);
  await next.close();
});

test("G8 its bounds in messages and in bytes are refused with what to know", async () => {
  const outbox = fileOutbox(join(folder, "full"), { maxEvents: 2, maxBytes: 400 });
  await outbox.open("ada", ignore);
  await outbox.add(message("a"));
  await expect(outbox.add(message("long", "x".repeat(400)))).rejects.toMatchObject({ code: "outbox_full" });
  await outbox.add(message("b"));
  const refusal = { code: "outbox_full", message: expect.stringContaining("2 events or 400 bytes") };
  await expect(outbox.add(message("c"))).rejects.toMatchObject(refusal);
  await outbox.remove("a");
  await outbox.add(message("c"));
  await outbox.close();
});

test("a file that is no outbox is left alone", async () => {
  const path = join(folder, "foreign");
  await writeFile(path, "precious");
  const outbox = fileOutbox(path);
  await expect(outbox.open("ada", ignore)).rejects.toMatchObject({ code: "outbox_failed" });
  await outbox.close();
  expect(await readFile(path, "utf8")).toBe("precious");
});
