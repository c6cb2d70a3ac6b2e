import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RepeatedKeys } from "./repeated-keys.ts";

function repeatedIn(stream: readonly number[], max: number): number[] {
  const keys = new RepeatedKeys(max);
  for (const key of stream) keys.add(key);
  const found = [...keys.repeated()];
  for (let pass = 1; pass < keys.passes; pass += 1) {
    keys.begin(pass);
    for (const key of stream) keys.add(key);
    found.push(...keys.repeated());
  }
  return found.sort((a, b) => a - b);
}

test("every key that comes twice is found, and no other, in however many passes", () => {
  const stream = fc.uniqueArray(fc.maxSafeNat(), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(stream, fc.integer({ min: 0, max: 20 }), (keys, twice) => {
      const repeated = keys.slice(0, twice);
      const expected = repeated.sort((a, b) => a - b);
      expect(repeatedIn([...keys, ...repeated], 200)).toEqual(expected);
      expect(repeatedIn([...keys, ...repeated], 1_000)).toEqual(expected);
    }),
  );
});

test("more keys than are held at once take more passes, not more memory", () => {
  const keys = new RepeatedKeys(1_000);
  for (let at = 0; at < 10_000; at += 1) keys.add(randomBytes(6).readUIntBE(0, 6));
  expect(keys.passes).toBeGreaterThanOrEqual(8);
  expect(keys.passes).toBeLessThanOrEqual(32);
});
