import fc from "fast-check";
import { expect, test } from "vitest";
import { pathFault } from "./request-target.ts";

test.each([
  ["a backslash", "/x\\..\\metrics"],
  ["an escaped backslash", "/x%5c..%5Cmetrics"],
  ["an escaped slash", "/api%2fv1"],
  ["dot segments", "/api/../metrics"],
  ["a dot segment at the end", "/api/."],
  ["escaped dot segments", "/api/%2e%2e/metrics"],
  ["half escaped dot segments", "/api/.%2E/metrics"],
  ["a double slash", "//metrics"],
  ["an escaped letter", "/%6detrics"],
  ["a control character", "/met\trics"],
  ["an escaped control character", "/metrics%00"],
  ["a fragment", "/metrics#x"],
  ["a blank", "/met rics"],
  ["a broken escape", "/%zz"],
  ["a half escape", "/metrics%2"],
  ["bytes beyond ASCII", "/métrics"],
  ["a whole URL", "http://host/metrics"],
  ["an asterisk", "*"],
  ["nothing", ""],
])("a path with %s is refused", (_what, path) => {
  expect(pathFault(path)).not.toBeNull();
});

test.each(["/", "/api/v1/rooms/0191f0e4-0000-7000-8000-000000000000", "/a.b/..c/~d", "/caf%C3%A9", "/a%20b", "/x;y=1"])(
  "%s is taken",
  (path) => {
    expect(pathFault(path)).toBeNull();
  },
);

test("a path that is taken is what URL makes of it, so nothing is read differently behind this", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2F",
    "%5c",
    "metrics",
    "%6d",
    "%00",
    "#",
    "\t",
    "é",
    "a",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = `/${pieces.join("")}`;
      if (pathFault(path) === null) expect(new URL(`http://host${path}`).pathname).toBe(path);
    }),
  );
});
