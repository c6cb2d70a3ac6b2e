import { expect, test } from "vitest";
import type { LogEntry } from "../../src/roles/shard-logs.ts";
import { accept, message, type OpenBroker, open, openRoom } from "../fixture.ts";

const textsOf = (entries: readonly LogEntry[]) => entries.map(({ frame }) => JSON.parse(frame).text as string);

export function logContract(create: OpenBroker): void {
  test("G2 the log gives every accepted event once, in order, in pages", async () => {
    const broker = open(create);
    const [room, other] = [await openRoom(broker), await openRoom(broker)];
    await accept(broker, message(room, "a"), message(room, "b"), message(other, "c"));
    await using log = await broker.openLog(0);
    const first = await log.read("", 2, 0);
    expect(textsOf(first)).toEqual(["a", "b"]);
    const rest = await log.read(first[1]?.offset ?? "", 2, 0);
    expect(textsOf(rest)).toEqual(["c"]);
    expect(await log.read(rest[0]?.offset ?? "", 2, 0)).toEqual([]);
  });

  test("a read waits for the first entry, and no longer than it was told", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    await using log = await broker.openLog(0);
    expect(await log.read("", 10, 20)).toEqual([]);
    const reading = log.read("", 10, 5_000);
    await accept(broker, message(room, "late"));
    expect(textsOf(await reading)).toEqual(["late"]);
  });

  test("G2 trimming forgets nothing that is not committed", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    await accept(broker, ...["a", "b", "c", "d"].map((text) => message(room, text)));
    await using log = await broker.openLog(0);
    const [, second] = await log.read("", 10, 0);
    const committed = second?.offset ?? "";
    await log.trim(committed);
    expect(textsOf(await log.read(committed, 10, 0))).toEqual(["c", "d"]);
    expect(textsOf(await log.read("", 10, 0)).slice(-2)).toEqual(["c", "d"]);
  });

  test("the start of a log is in front of all it holds, and bears its name", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    const start = await broker.logStart(0);
    await accept(broker, message(room, "a"), message(room, "b"));
    await using log = await broker.openLog(0);
    const entries = await log.read(start, 10, 0);
    expect(textsOf(entries)).toEqual(["a", "b"]);
    expect(await log.lag(start)).toBe(2);
    await log.trim(start);
    expect(await log.lag(start)).toBe(2);
    const nameOf = (offset: string) => offset.slice(0, offset.lastIndexOf("/"));
    expect(entries.map(({ offset }) => nameOf(offset))).toEqual(Array(2).fill(nameOf(start)));
    expect(await broker.logStart(0)).toBe(start);
  });

  test("lag counts the entries behind an offset", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    await using log = await broker.openLog(0);
    expect(await log.lag("")).toBe(0);
    await accept(broker, ...["a", "b", "c"].map((text) => message(room, text)));
    const [first, , third] = await log.read("", 10, 0);
    expect(await log.lag("")).toBe(3);
    expect(await log.lag(first?.offset ?? "")).toBe(2);
    await log.trim(first?.offset ?? "");
    expect(await log.lag(first?.offset ?? "")).toBe(2);
    expect(await log.lag(third?.offset ?? "")).toBe(0);
  });

  test("G2 an offset of another incarnation of the log begins at the oldest entry kept, and commits nothing", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    await accept(broker, message(room, "a"), message(room, "b"));
    await using log = await broker.openLog(0);
    const foreign = `${"0".repeat(40)}/9999999999999-2`;
    expect(textsOf(await log.read(foreign, 10, 0))).toEqual(["a", "b"]);
    await log.trim(foreign);
    expect(await log.lag(foreign)).toBe(2);
    expect(textsOf(await log.read("", 10, 0))).toEqual(["a", "b"]);
  });

  test("the tail gives what is behind a seq, rising, up to a limit", async () => {
    const broker = open(create);
    const room = await openRoom(broker, 10);
    await accept(broker, ...["a", "b", "c", "d"].map((text) => message(room, text)));
    const seqs = async (after: number, limit: number) => (await broker.tail(room, after, limit)).map(({ seq }) => seq);
    expect(await seqs(0, 10)).toEqual([11, 12, 13, 14]);
    expect(await seqs(12, 10)).toEqual([13, 14]);
    expect(await seqs(0, 2)).toEqual([11, 12]);
    expect(await seqs(14, 10)).toEqual([]);
  });

  test("heads of no rooms are no heads", async () => {
    expect(await open(create).heads([])).toEqual([]);
  });
}
