import { expect, test } from "vitest";
import { isUnavailable } from "./unavailable.ts";

const withCode = (code: string) => Object.assign(new Error("driver"), { code });

test.each(["08006", "08P01", "53300", "53100", "57P01", "57P03", "40001", "40P01", "57014", "ECONNREFUSED", "EPIPE"])(
  "%s passes by itself",
  (code) => {
    expect(isUnavailable(withCode(code))).toBe(true);
    expect(isUnavailable(new Error("outer", { cause: withCode(code) }))).toBe(true);
  },
);

test.each(["23505", "22021", "22P05", "42P01", "57P04", "28P01", "53", "ENOENT", ""])(
  "%s does not pass by itself",
  (code) => {
    expect(isUnavailable(withCode(code))).toBe(false);
  },
);

test("connection faults that pg gives no code are known by their message", () => {
  expect(isUnavailable(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isUnavailable(new Error("timeout exceeded when trying to connect"))).toBe(true);
  expect(isUnavailable(new Error("Cannot use a pool after calling end on the pool"))).toBe(true);
  expect(isUnavailable(new Error("something else"))).toBe(false);
  expect(isUnavailable("Connection terminated")).toBe(false);
});
