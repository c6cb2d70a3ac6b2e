import { expect, test } from "vitest";
import { folderFaults } from "./folder-layers.ts";

/** What is wrong with these imports of one file each, in a package. */
function faults(files: Readonly<Record<string, readonly string[]>>, name = "gateway"): string[] {
  const sources = Object.entries(files).map(([path, specifiers]) => ({
    path,
    lines: 1,
    imports: specifiers.map((specifier) => ({ specifier, isType: true })),
  }));
  return folderFaults([{ name, exports: ["."], references: [], files: sources }]);
}

test("a file imports from its own folder, from lower ones and from files in src", () => {
  const files = {
    "src/connections/connection.ts": ["./frames.ts", "../config.ts", "@hubbub/protocol"],
    "src/rooms/hub.ts": ["./ring.ts", "../connections/connection.ts"],
    "src/ws/dispatch.ts": ["../handlers/hello.ts", "../context.ts"],
    "src/context.ts": ["./rooms/hub.ts"],
    "src/gateway.ts": ["./ws/dispatch.ts", "./context.ts"],
  };
  expect(faults(files)).toEqual([]);
});

test("an import from a higher folder is a fault, whatever is imported", () => {
  expect(faults({ "src/connections/connection.ts": ["../rooms/live-room.ts"] })).toEqual([
    "gateway: connections/connection.ts imports rooms/live-room.ts: imports go to lower layers only",
  ]);
  expect(faults({ "src/accept/acceptor.ts": ["../recovery/room-recovery.ts"] }, "broker")).toHaveLength(1);
});

test("a way up through a file in src is a cycle", () => {
  const files = {
    "src/context.ts": ["./rooms/hub.ts"],
    "src/rooms/hub.ts": ["../context.ts"],
  };
  expect(faults(files)).toContain("gateway: a cycle: context.ts → rooms → context.ts");
});

test("two files of one folder that import each other are a cycle", () => {
  const files = { "src/rooms/hub.ts": ["./ring.ts"], "src/rooms/ring.ts": ["./hub.ts"] };
  expect(faults(files)).toEqual(["gateway: a cycle: rooms/hub.ts → rooms/ring.ts → rooms/hub.ts"]);
});

test("a new folder needs a layer; tests and other packages are free", () => {
  expect(faults({ "src/attic/old.ts": [] })).toEqual(["gateway: attic/ has no layer"]);
  expect(faults({ "src/connections/a.test.ts": ["../ws/b.ts"], "test/c.ts": ["../src/ws/b.ts"] })).toEqual([]);
  expect(faults({ "src/attic/old.ts": ["../gateway.ts"] }, "api")).toEqual([]);
});
