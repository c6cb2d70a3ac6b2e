import { expect, test } from "vitest";
import { startPatroni } from "./patroni.ts";

test("the standby leads when the machine of the leader is lost, and follows when it is back", async () => {
  await using patroni = await startPatroni();
  const first = await patroni.leader();
  await first.lose();
  const second = await patroni.failedOver(first);
  expect(second).not.toBe(first);
  await first.restart();
  await patroni.replicated();
  await patroni.switchOver();
  expect(await patroni.failedOver(second)).toBe(first);
}, 180_000);
