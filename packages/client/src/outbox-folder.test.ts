import { copyFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { killed, opener } from "../test/outbox-opener.ts";
import { fileOutbox } from "./outbox-file.ts";
import { folderOutbox } from "./outbox-folder.ts";
import type { KeptEvent } from "./outbox-storage.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-outbox-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ROUNDS = 30;
const message = (id: string, at = 1): KeptEvent => ({ type: "publish", room: "room", id, text: id, at, after: 0 });
const ignore = () => undefined;
const idsOf = (messages: readonly KeptEvent[]) => messages.map(({ id }) => id);

test("two processes that find the file of a dead one at one instant: exactly one gets it, each time", async () => {
  const dead = join(folder, "dead");
  const third = await opener();
  expect(await third.ask({ kind: "file", path: dead, add: "left" })).toEqual([]);
  await killed(third.child);
  const traces = (await readdir(folder)).filter((name) => name.startsWith("dead"));
  const [one, other] = await Promise.all([opener(), opener()]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const path = join(folder, `round${round}`);
    for (const name of traces) await copyFile(join(folder, name), path + name.slice("dead".length));
    const wish = { kind: "file", path, at: Date.now() + 3 } as const;
    const answers = await Promise.all([one.ask(wish), other.ask(wish)]);
    expect(answers).toContainEqual(["left"]);
    expect(answers).toContainEqual("outbox_in_use");
    await Promise.all([one.ask({}), other.ask({})]);
  }
}, 60_000);

test("G2 what a killed process left in a folder goes to exactly one of the others", async () => {
  const path = join(folder, "shared");
  const [one, other] = await Promise.all([opener(), opener()]);
  for (let round = 0; round < 5; round += 1) {
    const third = await opener();
    await third.ask({ kind: "folder", path, add: `left${round}` });
    await killed(third.child);
    const wish = { kind: "folder", path, at: Date.now() + 3 } as const;
    const answers = (await Promise.all([one.ask(wish), other.ask(wish)])) as string[][];
    expect(answers.flat().filter((id) => id === `left${round}`)).toHaveLength(1);
    await Promise.all([one.ask({}), other.ask({})]);
  }
}, 60_000);

test("processes have a file each, which is private; what one leaves is adopted by another that runs", async () => {
  const path = join(folder, "adopted");
  const [first, second] = [folderOutbox(path), folderOutbox(path)];
  const adopted = vi.fn();
  await first.open("ada", ignore);
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  expect(await second.open("ada", adopted)).toEqual([]);
  for (const id of ["a", "b", "c"]) await first.add(message(id));
  await second.add(message("d"));
  await first.remove("b");
  await first.close();
  vi.advanceTimersByTime(10_000);
  await vi.waitFor(() => expect(adopted.mock.calls.flatMap(([events]) => idsOf(events))).toEqual(["a", "c"]));
  const [place = ""] = await readdir(path);
  const files = (await readdir(join(path, place))).filter((name) => name.endsWith(".json"));
  expect(files.sort()).toEqual(["1.json", "2.json"]);
  for (const name of files) expect((await stat(join(path, place, name))).mode & 0o777).toBe(0o600);
  expect((await stat(join(path, place))).mode & 0o777).toBe(0o700);
  for (const id of ["a", "c"]) await second.remove(id);
  await second.close();
  const third = folderOutbox(path);
  expect(idsOf(await third.open("ada", ignore))).toEqual(["d"]);
  await third.remove("d");
  await third.close();
  expect(await readdir(join(path, place))).toEqual([]);
});

test("files are taken over in the order of their first events, and each keeps its own order", async () => {
  const path = join(folder, "order");
  const [first, second] = [folderOutbox(path), folderOutbox(path)];
  await first.open("ada", ignore);
  await second.open("ada", ignore);
  await first.add(message("late", 5));
  await first.add(message("clock put back", 1));
  await second.add(message("early", 3));
  await Promise.all([first.close(), second.close()]);
  const next = folderOutbox(path);
  expect(idsOf(await next.open("ada", ignore))).toEqual(["early", "late", "clock put back"]);
  await next.close();
});

test("G8 users have folders of their own, and a folder takes 16 processes", async () => {
  const path = join(folder, "full");
  const all = Array.from({ length: 17 }, () => folderOutbox(path));
  for (const outbox of all.slice(0, 16)) await outbox.open("ada", ignore);
  const last = all[16] ?? fileOutbox("");
  await expect(last.open("ada", ignore)).rejects.toMatchObject({ code: "outbox_in_use" });
  expect(await last.open("bob", ignore)).toEqual([]);
  await Promise.all(all.map((outbox) => outbox.close()));
});
