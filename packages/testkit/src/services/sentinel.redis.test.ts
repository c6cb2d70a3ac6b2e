import { expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { startSentinel } from "./sentinel.ts";

test("sentinels name another master when theirs is gone, and take the old one back as its replica", async () => {
  await using sentinel = await startSentinel();
  const first = await sentinel.master();
  expect(sentinel.url).toMatch(/^redis\+sentinel:\/\/(127\.0\.0\.1:\d+,?){3}\/hubbub$/);
  await first.service.kill();
  const second = await sentinel.failedOver(first);
  expect(second).not.toBe(first);
  await first.service.restart();
  await eventually(() => expect(second.link.connections).toBeGreaterThan(3), { timeoutMs: 15_000 });
  expect(await sentinel.master()).toBe(second);
}, 60_000);
