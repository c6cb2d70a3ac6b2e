import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FRAME_SCOPES, isAllowed, ROUTE_SCOPES, SCOPES, scopeOfRoute } from "./scopes.ts";

test("docs/signing-in.md shows the table of scopes", () => {
  const text = readFileSync(new URL("../../../docs/signing-in.md", import.meta.url), "utf8");
  const shown = /<!-- scopes: .*?-->\n(.*?)<!-- \/scopes -->/s.exec(text)?.[1];
  const routes = ROUTE_SCOPES.map(
    ({ methods, path, scope }) => `| ${methods.join(", ")} | \`${path}\` | \`${scope}\` |`,
  );
  const frames = SCOPES.map((scope) => {
    const types = Object.entries(FRAME_SCOPES).filter(([, needed]) => needed === scope);
    return types.length === 0 ? "" : `| ${types.map(([type]) => `\`${type}\``).join(", ")} | \`${scope}\` |`;
  }).filter((line) => line !== "");
  expect(shown?.split("\n")).toEqual([
    "| methods | path (and below, with `/*`) | scope |",
    "|---|---|---|",
    ...routes,
    "",
    "| frames | scope |",
    "|---|---|",
    ...frames,
    "",
  ]);
});

test("a route needs the scope of the first line that matches, and without one nothing opens it", () => {
  expect(scopeOfRoute("GET", "/rooms")).toBe("read");
  expect(scopeOfRoute("GET", "/rooms/:id/messages")).toBe("read");
  expect(scopeOfRoute("POST", "/rooms/:id/messages")).toBe("write");
  expect(scopeOfRoute("DELETE", "/rooms/:id/members/:user")).toBe("manage-rooms");
  for (const [method, path] of [
    ["GET", "/roomsmith"],
    ["GET", "/me/sessions"],
    ["DELETE", "/rooms/:id"],
    ["POST", "/me/tokens"],
    ["GET", ""],
  ] as const)
    expect(scopeOfRoute(method, path)).toBeUndefined();
});

test("a login may do everything, and a token only what its scopes say", () => {
  expect(isAllowed(undefined, undefined)).toBe(true);
  expect(isAllowed(["read"], "read")).toBe(true);
  expect(isAllowed([], null)).toBe(true);
  expect(isAllowed(["read", "manage-rooms"], "write")).toBe(false);
  expect(isAllowed(SCOPES, undefined)).toBe(false);
});
