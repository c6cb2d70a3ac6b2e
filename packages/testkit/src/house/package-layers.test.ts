import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { packageFaults, sizeFaults } from "./package-layers.ts";
import type { SourcePackage } from "./source.ts";

/** One file with some imports in a package that refers to everything, beside one that can be imported. */
function faults(name: string, specifiers: readonly string[], path = "src/file.ts", isType = false): string[] {
  const references = ["protocol", "store", "gateway", "client", "broker", "testkit", "writer"];
  const others = references.filter((other) => other !== name);
  const empty = others.map(
    (other): SourcePackage => ({ name: other, exports: [".", "./codec"], references: [], files: [] }),
  );
  const exports = [".", "./codec"];
  const imports = specifiers.map((specifier) => ({ specifier, isType }));
  return packageFaults([...empty, { name, exports, references, files: [{ path, lines: 1, imports }] }]);
}

test("every form of import is seen, and none in comments or strings", () => {
  const text = [
    'import a, { b } from "one";',
    "import {",
    "  c,",
    '} from "two";',
    'import type { D } from "three";',
    'export { e } from "four";',
    'export * from "five";',
    'import "six";',
    'const f = await import("seven");',
    'type G = typeof import("eight");',
    '// import x from "comment";',
    ' * import y from "docs";',
    "  `import z from 'string'`;",
    'export const from = "nothing";',
  ].join("\n");
  const found = importsOf(text);
  const specifiers = new Set(found.map(({ specifier }) => specifier));
  expect(specifiers).toEqual(new Set(["one", "two", "three", "four", "five", "six", "seven", "eight"]));
  expect(found.filter(({ isType }) => isType)).toEqual([{ specifier: "three", isType: true }]);
});

test("arrows down are allowed", () => {
  expect(faults("gateway", ["@hubbub/store", "@hubbub/protocol/codec", "./other.ts", "node:fs", "zod"])).toEqual([]);
  expect(faults("cli", ["@hubbub/client", "@hubbub/protocol"])).toEqual([]);
});

test.each([
  ["store", "@hubbub/gateway", "imports go to lower layers only"],
  ["gateway", "@hubbub/writer", "imports go to lower layers only"],
  ["store", "@hubbub/broker", "imports go to lower layers only"],
  ["cli", "@hubbub/store", "the user's side sees only protocol, query and client"],
  ["client", "@hubbub/broker", "the user's side sees only protocol, query and client"],
  ["gateway", "@hubbub/testkit", "only tests see the testkit"],
  ["gateway", "@hubbub/store/src/schema.ts", "not one of its exports"],
  ["gateway", "../../store/src/schema.ts", "a relative import stays in its package"],
  ["gateway", "@hubbub/nobody", "there is no such package"],
  ["gateway", "@hubbub/gateway", "a package does not import itself by name"],
  ["api", "uWebSockets.js", "only the HTTP host and the gateway's ws/ may"],
  ["gateway", "uWebSockets.js", "only the HTTP host and the gateway's ws/ may"],
  ["protocol", "node:crypto", "the protocol runs anywhere"],
  ["protocol", "fs", "the protocol runs anywhere"],
])("%s may not import %s", (name, specifier, fault) => {
  expect(faults(name, [specifier])).toEqual([`${name}/src/file.ts imports ${specifier}: ${fault}`]);
});

test("uWebSockets.js and the testkit are allowed where they belong", () => {
  expect(faults("gateway", ["uWebSockets.js"], "src/ws/behavior.ts")).toEqual([]);
  expect(faults("gateway", ["uWebSockets.js"], "src/rooms/hub.ts", true)).toEqual([]);
  expect(faults("api", ["uWebSockets.js"], "src/api.ts", true)).toHaveLength(1);
  expect(faults("runtime", ["uWebSockets.js"], "src/http-host.ts")).toEqual([]);
  expect(faults("gateway", ["@hubbub/testkit"], "src/hub.redis.test.ts")).toEqual([]);
  expect(faults("gateway", ["@hubbub/testkit"], "test/world.ts")).toEqual([]);
});

test("an import that tsconfig.json does not refer to is a fault", () => {
  const files = [{ path: "src/a.ts", lines: 1, imports: [{ specifier: "@hubbub/protocol", isType: false }] }];
  const protocol = { name: "protocol", exports: ["."], references: [], files: [] };
  expect(packageFaults([protocol, { name: "store", exports: ["."], references: [], files }])).toEqual([
    "store/src/a.ts imports @hubbub/protocol: tsconfig.json does not refer to ../protocol",
  ]);
});

test("a cycle is found, and a package without a layer", () => {
  const ring = ["x", "y", "z"].map((name, index, names): SourcePackage => {
    const next = names[(index + 1) % names.length] ?? "";
    const files = [{ path: "src/a.ts", lines: 1, imports: [{ specifier: `@hubbub/${next}`, isType: true }] }];
    return { name, exports: ["."], references: [next], files };
  });
  expect(packageFaults(ring)).toContain("a cycle: x → y → z → x");
  expect(packageFaults(ring)).toContain("x has no layer");
});

test("long files and a long median are faults", () => {
  const files = [301, 120, 110, 20].map((lines, index) => ({ path: `src/${index}.ts`, lines, imports: [] }));
  expect(sizeFaults([{ name: "store", exports: [], references: [], files }])).toEqual([
    "store/src/0.ts has 301 lines, over 300",
    "the median file has 120 lines, not under 100",
  ]);
});
