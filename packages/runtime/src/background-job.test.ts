import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { BackgroundJob } from "./background-job.ts";

test("a closed job does nothing until it is reopened, and a close ends the step in progress", async () => {
  let steps = 0;
  let isAborted = false;
  const work = async (signal: AbortSignal) => {
    steps += 1;
    isAborted = false;
    await delay(600_000, undefined, { signal }).catch(() => {
      isAborted = true;
    });
    return true;
  };
  const job = new BackgroundJob({ work, failed: () => undefined, stepPauseMs: 1, roundPauseMs: 1 });
  for (const round of [1, 2]) {
    await expect.poll(() => steps).toBe(round);
    await job.close();
    expect(isAborted).toBe(true);
    await delay(20);
    expect(steps).toBe(round);
    job.reopen();
  }
  await expect.poll(() => steps).toBe(3);
  await job.close();
});
