import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";
import { SECONDS } from "./seconds.ts";

test("every test file in the list of slow ones exists", () => {
  expect(Object.keys(SECONDS).filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
});
