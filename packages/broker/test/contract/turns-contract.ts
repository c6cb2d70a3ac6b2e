import { newId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { type OpenBroker, open } from "../fixture.ts";

export function turnsContract(create: OpenBroker): void {
  test("G8 a turn is taken by one holder at a time, and by its holder as often as it asks", async () => {
    const { turns } = open(create);
    const key = newId();
    expect(await turns.take(key, "one", 60_000)).toBe(0);
    expect(await turns.take(key, "one", 60_000)).toBe(0);
    const left = await turns.take(key, "two", 60_000);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(await turns.take(newId(), "two", 60_000)).toBe(0);
  });

  test("a holder repeats its turn only while a message that is sent again is recognised", async () => {
    const { turns } = open(create);
    const key = newId();
    expect(await turns.take(key, "one", 60_000)).toBe(0);
    // As if it had been taken ten minutes ago.
    expect(await turns.take(key, "one", 60_000 + 600_000)).toBeGreaterThan(0);
  });

  test("a turn ends with its time", async () => {
    const { turns } = open(create);
    const key = newId();
    expect(await turns.take(key, "one", 50)).toBe(0);
    await vi.waitFor(async () => expect(await turns.take(key, "two", 50)).toBe(0), 2_000);
  });
}
