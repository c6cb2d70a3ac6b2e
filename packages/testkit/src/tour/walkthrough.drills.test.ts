import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";
import { run } from "../services/run.ts";

const WALK_MS = 900_000;

test(
  "every command of docs/walkthrough.md does what the document says",
  async () => {
    const main = join(repositoryRoot, "packages/testkit/dist/tour/walkthrough-main.js");
    expect(await run(process.execPath, [main], { timeoutMs: WALK_MS })).toContain("every answer is as");
  },
  WALK_MS,
);
