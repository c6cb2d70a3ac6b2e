import { ProtocolError } from "@hubbub/protocol";
import type { NodeRecord, Nodes } from "@hubbub/store";
import { expect, test } from "vitest";
import { AdminRefused } from "../admin/refused.ts";
import { parseZoneArguments } from "./arguments.ts";
import { zoneCommand } from "./zone-command.ts";

const NODE: NodeRecord = {
  ...{
    name: "g-1",
    roles: "gateway",
    build: "1",
    zone: "a",
    isZoneDrained: false,
    isDrainedAlone: false,
    isSilent: false,
  },
  ...{ state: "serving", connections: 9, moving: 0, moves: 0, shards: 0 },
};

/** Answers one list of processes after the other, the last one for ever. */
function nodesOf(...lists: readonly Partial<NodeRecord>[][]): Nodes {
  const left = [...lists];
  const list = async () => ((left.length > 1 ? left.shift() : left[0]) ?? []).map((one) => ({ ...NODE, ...one }));
  const never = () => Promise.reject(new Error("not asked for"));
  return {
    ...{ renew: never, drop: never, look: never, list, drained: async () => [] },
    ...{ drainProcess: never, undrainProcess: never },
    drain: async () => true,
    undrain: async () => false,
    rebalance: async () => [{ node: "g-1", connections: 9, moves: 4 }],
  };
}

async function run(nodes: Nodes, command: "drain" | "rebalance", ...args: readonly string[]) {
  const asked = parseZoneArguments(command, args);
  if (asked === null) throw new Error("wrong arguments");
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  return { code: await zoneCommand(nodes, asked, { print, lookMs: 1 }), printed };
}

test("a drain shows what is left in the zone, and ends when nothing is", async () => {
  const other = { name: "g-2", zone: "b" };
  const writer = { name: "w-1", roles: "writer", shards: 2 };
  const nodes = nodesOf(
    [{ state: "draining" }, other, writer],
    [{ state: "drained", connections: 0 }, other, { ...writer, state: "draining" }],
    [{ state: "drained" }, other, { ...writer, state: "drained" }, { name: "w-2", isSilent: true }],
  );
  expect(await run(nodes, "drain", "--zone", "a")).toEqual({
    code: 0,
    printed: [
      "zone a is to be drained",
      "0 s: 0 of 2 processes are done: g-1 (draining, 9 connections, 0 shards); w-1 (serving, 9 connections, 2 shards)",
      "0 s: 1 of 2 processes are done: w-1 (draining, 9 connections, 2 shards)",
      "0 s: zone a is drained; no news of w-2",
      "",
    ].join("\n"),
  });
});

test("an undo waits until the zone serves, and says when nothing was drained", async () => {
  const { code, printed } = await run(nodesOf([{}]), "drain", "--zone", "a", "--undo");
  expect([code, printed]).toEqual([0, "zone a is to serve again already\n0 s: zone a serves\n"]);
});

test("what is not done within the time-out ends with 3, and goes on", async () => {
  const { code, printed } = await run(
    nodesOf([{ state: "draining" }]),
    "drain",
    "--zone",
    "a",
    "--timeout",
    "1",
    "--json",
  );
  const lines = printed
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(code).toBe(3);
  expect(lines).toMatchObject([
    { kind: "ordered", zone: "a", drained: true, changed: true },
    { kind: "progress", waiting: [{ name: "g-1", state: "draining", connections: 9 }], silent: [] },
    { kind: "late", seconds: 1 },
  ]);
});

test("a rebalance ends when the gateways that were asked have moved their connections", async () => {
  const nodes = nodesOf(
    [{ moves: 4 }, { name: "g-2", moving: 7 }],
    [{ moving: 2, connections: 7 }],
    [{ connections: 5 }],
  );
  expect(await run(nodes, "rebalance", "--max-move", "50")).toEqual({
    code: 0,
    printed: [
      "g-1 is asked to move 4 of 9 connections",
      "0 s: 0 of 1 processes are done: g-1 (4 connections to move, 9 open)",
      "0 s: 0 of 1 processes are done: g-1 (2 connections to move, 7 open)",
      "0 s: the connections have moved",
      "",
    ].join("\n"),
  });
});

test("a refusal is a sentence for the operator", async () => {
  const refusing = { ...nodesOf(), rebalance: () => Promise.reject(new ProtocolError("rebalance_needless")) };
  await expect(run(refusing, "rebalance")).rejects.toThrow(AdminRefused);
});

test.each([
  ["drain", []],
  ["drain", ["--zone", "a b"]],
  ["drain", ["--zone", "a", "--timeout", "0"]],
  ["drain", ["--zone", "a", "more"]],
  ["drain", ["--zone", "a", "--max-move", "3"]],
  ["rebalance", ["--max-move", "0%"]],
  ["rebalance", ["--max-move", "101"]],
  ["rebalance", ["--zone", "a"]],
] as const)("%s refuses %j", (command, args) => {
  expect(parseZoneArguments(command, args)).toBeNull();
});
