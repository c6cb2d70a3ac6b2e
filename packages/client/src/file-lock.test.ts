import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killed, opener } from "../test/outbox-opener.ts";
import { fileOutbox } from "./outbox-file.ts";
import type { KeptEvent } from "./outbox-storage.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-lock-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SECOND_MS = 1_000;
/** Of process ids alone: the processes have the same files, as containers with one volume. */
const CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canContain = spawnSync(CONTAINER[0] ?? "", [...CONTAINER.slice(1), "true"]).status === 0;
const message = (id: string): KeptEvent => ({ type: "publish", room: "room", id, text: id, at: 1, after: 0 });
const ignore = () => undefined;

const claimsOf = async (name: string) =>
  (await readdir(folder)).filter((one) => one.startsWith(`${name}.lock.`)).map((one) => join(folder, one));

/** As if the claim had been renewed for the last time this long ago. */
async function age(claim: string, seconds: number): Promise<void> {
  const at = new Date(Date.now() - seconds * SECOND_MS);
  await utimes(claim, at, at);
}

test.runIf(canContain)(
  "of two containers with one volume one has the file, whose processes have the same id, until it is gone",
  async () => {
    const path = join(folder, "shared");
    const [one, other] = await Promise.all([opener(CONTAINER), opener(CONTAINER)]);
    expect(await one.ask({ kind: "file", path, add: "left" })).toEqual([]);
    expect(await other.ask({ kind: "file", path })).toBe("outbox_in_use");
    // A folder finds a slot for each, and does not adopt what lives elsewhere.
    const slots = join(folder, "slots");
    await one.ask({});
    expect(await one.ask({ kind: "folder", path: slots, add: "kept" })).toEqual([]);
    expect(await other.ask({ kind: "folder", path: slots })).toEqual([]);
    await one.ask({ kind: "file", path });
    await killed(one.child);
    const [claim = ""] = await claimsOf("shared");
    await age(claim, 13);
    const begunAt = performance.now();
    expect(await other.ask({ kind: "file", path })).toEqual(["left"]);
    expect(performance.now() - begunAt).toBeGreaterThan(SECOND_MS);
    expect(await claimsOf("shared")).not.toContain(claim);
  },
  60_000,
);

test("a claim of elsewhere counts for 15 s after it was renewed, and one of the far future does not", async () => {
  const path = join(folder, "elsewhere");
  const claim = `${path}.lock.0.${process.pid}.1.0123456789ab`;
  await writeFile(claim, "");
  const renewing = setInterval(() => void writeFile(claim, "\n"), 100);
  const refusal = { code: "outbox_in_use", message: expect.stringContaining("another container or machine") };
  await expect(fileOutbox(path).open("ada", ignore)).rejects.toMatchObject(refusal);
  clearInterval(renewing);
  for (const seconds of [16, -16]) {
    await writeFile(claim, "");
    await age(claim, seconds);
    const next = fileOutbox(path);
    expect(await next.open("ada", ignore)).toEqual([]);
    await next.close();
  }
});

test("who has lost its claim writes nothing more, and does not make the claim anew", async () => {
  const path = join(folder, "lost");
  const outbox = fileOutbox(path);
  await outbox.open("ada", ignore);
  await outbox.add(message("mine"));
  for (const claim of await claimsOf("lost")) await rm(claim);
  await writeFile(path, "of another one");
  await expect(outbox.add(message("late"))).rejects.toMatchObject({ code: "outbox_in_use" });
  await outbox.close();
  expect(await readFile(path, "utf8")).toBe("of another one");
  expect(await claimsOf("lost")).toEqual([]);
});

test("a holder renews its claim", async () => {
  const path = join(folder, "renewed");
  const outbox = fileOutbox(path);
  await outbox.open("ada", ignore);
  const [claim = ""] = await claimsOf("renewed");
  await age(claim, 14);
  await expect.poll(async () => Date.now() - (await stat(claim)).mtimeMs, { timeout: 10_000 }).toBeLessThan(4_000);
  await outbox.close();
}, 20_000);
