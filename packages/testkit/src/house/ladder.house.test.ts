import { expect, test } from "vitest";
import { ladderFaults, sizeFaults } from "./ladder.ts";
import { layerFaults } from "./layers.ts";
import { readPackages } from "./source.ts";

test("arrows between packages go down only, through their doors", async () => {
  const packages = await readPackages();
  expect(packages.flatMap(({ files }) => files).length).toBeGreaterThan(packages.length);
  expect(ladderFaults(packages)).toEqual([]);
});

test("arrows inside gateway and broker go down only", async () => {
  expect(layerFaults(await readPackages())).toEqual([]);
});

test("a file holds one idea: none over 300 lines, the median under 100", async () => {
  expect(sizeFaults(await readPackages())).toEqual([]);
});
