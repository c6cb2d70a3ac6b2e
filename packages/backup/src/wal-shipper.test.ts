import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Objects, openLocalObjects } from "@hubbub/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSeal } from "./seal.ts";
import type { Target } from "./target.ts";
import { WalShipper } from "./wal-shipper.ts";

let folder: string;
let spool: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-wal-"));
  spool = join(folder, "spool");
  await mkdir(spool);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const segment = (number: number): string => `00000001000000000000000${number}`;
const write = (name: string, text = name) => writeFile(join(spool, name), text);
const kept = async () => (await readdir(join(folder, "target", "wal", "77-3")).catch(() => [])).sort();
const local: () => Target = () => ({ label: "local", open: () => openLocalObjects(join(folder, "target")) });

function shipperTo(targets: readonly Target[], maxFiles = 9, patienceMs = 60_000): WalShipper {
  const life = { cluster: "77", generation: 3 };
  return new WalShipper({ spool, targets, seal: createSeal([]), life, maxFiles, patienceMs });
}

test("segments are sent once and leave the spool but for the newest; what grows is sent again", async () => {
  const shipper = shipperTo([local()]);
  for (const name of [segment(1), segment(2), `${segment(3)}.partial`, "no segment"]) await write(name);
  expect(await shipper.ship(folder)).toBe(false);
  expect(await kept()).toEqual([`${segment(1)}.gz`, `${segment(2)}.gz`, `${segment(3)}.partial.gz`, "shipped.json"]);
  expect((await readdir(spool)).sort()).toEqual([segment(2), `${segment(3)}.partial`, "no segment"]);
  await rm(join(folder, "target", "wal"), { recursive: true });
  await shipper.ship(folder);
  expect(await kept()).toEqual([]);
  await write(`${segment(3)}.partial`, "more");
  await shipper.ship(folder);
  expect(await kept()).toEqual([`${segment(3)}.partial.gz`, "shipped.json"]);
});

test("a target that hangs holds up no other, and its segments wait in the spool up to the bound", async () => {
  const hanging: Target = { label: "hanging", open: () => new Promise<Objects>(() => undefined) };
  const shipper = shipperTo([hanging, local()], 2, 100);
  for (const number of [1, 2, 3]) await write(segment(number));
  expect(await shipper.ship(folder)).toBe(false);
  await expect.poll(kept).toEqual([...[1, 2, 3].map((number) => `${segment(number)}.gz`), "shipped.json"]);
  expect(await readdir(spool)).toHaveLength(3);
  await write(segment(4));
  expect(await shipper.ship(folder)).toBe(false);
  await expect.poll(kept).toContain(`${segment(4)}.gz`);
  expect((await readdir(spool)).sort()).toEqual([2, 3, 4].map(segment));
});

test("a target that has lost segments gets one base, when it takes the log again", async () => {
  const state = { isAway: true };
  const away = local();
  const flaky: Target = {
    label: "flaky",
    open: () => (state.isAway ? Promise.reject(new Error("it is away")) : away.open()),
  };
  const shipper = shipperTo([flaky], 1);
  const rounds: boolean[] = [];
  for (const number of [1, 2, 3, 4, 5, 6]) {
    await write(segment(number));
    state.isAway = number < 5;
    rounds.push(await shipper.ship(folder));
  }
  expect(rounds).toEqual([false, false, false, false, true, false]);
  expect(await kept()).toEqual([...[3, 4, 5, 6].map((number) => `${segment(number)}.gz`), "shipped.json"]);
});

test("a target that fails is named, and gets what it lacks when it is back", async () => {
  const state = { isAway: true };
  const target = local();
  const flaky: Target = {
    label: "flaky",
    open: () => (state.isAway ? Promise.reject(new Error("it is away")) : target.open()),
  };
  const shipper = shipperTo([flaky]);
  await write(segment(1));
  await shipper.ship(folder);
  expect(shipper.faults).toEqual([{ target: "flaky", fault: "it is away" }]);
  state.isAway = false;
  await shipper.ship(folder);
  expect(shipper.faults).toEqual([]);
  expect(await kept()).toEqual([`${segment(1)}.gz`, "shipped.json"]);
});
