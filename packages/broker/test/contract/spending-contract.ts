import { newId, type UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { SPENDING_WINDOW_SECONDS } from "../../src/roles/spending.ts";
import { type OpenBroker, open } from "../fixture.ts";

const WINDOW_MS = SPENDING_WINDOW_SECONDS * 1_000;

export function spendingContract(create: OpenBroker): void {
  test("G8 what a user spends adds up within a window, and not beyond it", async () => {
    const { spending } = open(create);
    const [ada, bob] = [newId<UserId>(), newId<UserId>()];
    // At the beginning of a window, so that what follows is within it.
    await vi.waitFor(async () => expect((await spending.add([])).leftMs).toBeGreaterThan(WINDOW_MS / 2), 2 * WINDOW_MS);
    expect((await spending.add([{ key: ada, count: 3 }])).sums).toEqual([3]);
    const { leftMs, sums } = await spending.add([
      { key: bob, count: 1 },
      { key: ada, count: 4 },
    ]);
    expect(sums).toEqual([1, 7]);
    expect(leftMs).toBeLessThanOrEqual(WINDOW_MS);
    await vi.waitFor(async () => expect((await spending.add([{ key: ada, count: 0 }])).sums).toEqual([0]), {
      timeout: 2 * WINDOW_MS,
      interval: 100,
    });
  });
}
