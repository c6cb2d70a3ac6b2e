import { expect, test } from "vitest";
import { folderFaults } from "./folder-layers.ts";
import { packageFaults, sizeFaults } from "./package-layers.ts";
import { readPackages } from "./source.ts";

test("packages import from lower layers only, through their exports", async () => {
  const packages = await readPackages();
  expect(packages.flatMap(({ files }) => files).length).toBeGreaterThan(packages.length);
  expect(packageFaults(packages)).toEqual([]);
});

test("arrows inside gateway and broker go down only", async () => {
  expect(folderFaults(await readPackages())).toEqual([]);
});

test("a file holds one idea: none over 300 lines, the median under 100", async () => {
  expect(sizeFaults(await readPackages())).toEqual([]);
});
