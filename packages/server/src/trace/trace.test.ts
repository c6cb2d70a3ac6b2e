import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Broker } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import { createLogger, TraceRing, type TraceStep } from "@hubbub/runtime";
import type { AppendBatch, Store } from "@hubbub/store";
import { expect, test } from "vitest";
import { answerTrace, readTold } from "./answer.ts";
import { OtlpExporter, traceIdOf } from "./otlp.ts";
import { describePath } from "./path.ts";
import { parseTraceArguments } from "./trace-command.ts";
import { trace } from "./traced.ts";

const room = "0198f5a0-0000-7000-8000-000000000001" as RoomId;
const log = createLogger({ level: "silent", node: "test" });
const step = (seq: number, given: Partial<TraceStep> = {}): TraceStep => ({
  ...{ room, epoch: 1, seq, name: "accepted", at: 1_000, ms: 2, count: 3 },
  ...given,
});

test("trace takes a room, a seq and the addresses of processes", () => {
  expect(parseTraceArguments([room, "1000"])).toEqual({ room, seq: 1_000, ask: [], isJson: false });
  expect(parseTraceArguments([room, "7", "--ask", "gateway:9090,[::1]:1", "--json"])).toMatchObject({
    ask: ["gateway:9090", "[::1]:1"],
    isJson: true,
  });
  for (const wrong of [[room], ["lobby", "1"], [room, "0"], [room, "1e3"], [room, "1", "--ask", "gateway"]])
    expect(parseTraceArguments(wrong)).toBeNull();
});

test("a process keeps the newest 4,096 steps, and says when an event is none of those that it traces", () => {
  const ring = new TraceRing(10);
  for (let seq = 10; seq <= 50_000; seq += 10) ring.note(step(seq));
  const ask = (seq: number) => answerTrace("g1", 10, ring, new URLSearchParams({ room, seq: `${seq}` }));
  expect(ask(50_000)).toEqual({ node: "g1", every: 10, isTraced: true, steps: [step(50_000)] });
  expect(ask(50_000 - 4_096 * 10 + 10).steps).toHaveLength(1);
  expect(ask(50_000 - 4_096 * 10).steps).toEqual([]);
  expect(ask(49_999)).toMatchObject({ isTraced: false, steps: [] });
  expect(answerTrace("g1", 0, undefined, new URLSearchParams({ room, seq: "10" }))).toMatchObject({ isTraced: false });
});

test("accepts, commits and durable marks of a traced event are noted, and what they answer goes through", async () => {
  const ring = new TraceRing(10);
  const results = [
    { state: "accepted", seq: 9, epoch: 1, at: 1 },
    { state: "accepted", seq: 10, epoch: 1, at: 1 },
    { state: "overloaded" },
    { state: "duplicate", seq: 20, epoch: 1, at: 1 },
  ];
  const broker = { accept: async () => results, publishMarks: async () => undefined } as unknown as Broker;
  const store = { events: { append: async () => "told" } } as unknown as Store;
  const traced = trace(broker, store, ring);
  expect(await broker.accept(0, Array(4).fill({ room }))).toBe(results);
  const batch = { events: [{ room, epoch: 1, seq: 10 }] } as unknown as AppendBatch;
  expect(await traced.events.append(batch)).toBe("told");
  const names = (seq: number) => ring.find(room, seq).map(({ name, count }) => `${name} ${count}`);
  await broker.publishMarks(0, [{ room, seq: 9 }]);
  expect(names(10)).toEqual(["accepted 4", "stored 1"]);
  await broker.publishMarks(0, [{ room, seq: 12 }]);
  await broker.publishMarks(0, [{ room, seq: 13 }]);
  expect(names(10)).toEqual(["accepted 4", "stored 1", "announced 1"]);
  expect(names(20)).toEqual(["recognised 4"]);
  expect(names(9)).toEqual([]);
});

test("the path counts from its first step, whatever the process", () => {
  const path = [step(10, { at: 1_000.5 }), step(10, { name: "delivered", at: 1_003.25, ms: 0, count: 1 })];
  const nodes = ["gateway-1", "g2"];
  const known = path.map((one, index) => ({ ...one, node: nodes[index] ?? "" }));
  const said = describePath({
    room,
    seq: 10,
    epoch: 1,
    trace: "ab",
    row: null,
    path: known,
    faults: ["x does not answer"],
  });
  expect(said.split("\n").slice(2)).toEqual([
    "  from 1970-01-01T00:00:01.000Z",
    "      +0.00 ms  gateway-1  accepted: the log answered 2.00 ms after the batch of 3 left",
    "      +2.75 ms  g2         delivered to 1 connection",
    "  x does not answer",
    "",
  ]);
});

test("what another process says drives no terminal, and a step that this build does not know is told", async () => {
  const known = { room, seq: 10, epoch: 1, trace: "ab", row: null, faults: ["evil\u001b]0;x\u0007"] };
  const told = { node: "g\u001b[2J\nfake", every: 10, isTraced: true };
  const steps = [step(10), { ...step(10), name: "for\u009bwarded" }, { ...step(10), name: "constructor" }];
  const read = await readTold(Response.json({ ...told, steps }));
  const said = describePath({ ...known, path: read.steps.map((one) => ({ ...one, node: read.node })) });
  expect(said).not.toMatch(/[^\P{Cc}\n]/u);
  expect(said.split("\n")).toHaveLength(3 + steps.length + 2);
  expect(said).toContain("for\ufffdwarded (a step of another build), 2.00 ms");
  expect(said).toContain("constructor (a step of another build)");
  for (const wrong of [
    {},
    { ...told, steps: [{ ...step(10), at: "x" }] },
    { ...told, steps: Array(5_000).fill(step(1)) },
  ])
    await expect(readTold(Response.json(wrong))).rejects.toThrow("not that of a process of Hubbub");
  await expect(readTold(new Response("x".repeat(5_000_000)))).rejects.toThrow("too long");
});

test("a collector gets the steps as spans of one trace, and one that is away costs nothing but spans", async () => {
  const bodies: object[] = [];
  const collector = createServer(async (request, response) => {
    bodies.push({ path: request.url, body: await json(request) });
    response.end("{}");
  });
  await once(collector.listen(0, "127.0.0.1"), "listening");
  const { port } = collector.address() as AddressInfo;
  const exporter = new OtlpExporter({ url: `http://127.0.0.1:${port}/`, node: "gateway-1", log });
  for (let count = 0; count < 3_000; count += 1) exporter.add(step(10, { count }));
  await exporter.send();
  await exporter.send();
  expect(bodies).toHaveLength(1);
  const [{ path, body }] = bodies as [{ path: string; body: Otlp }];
  const [{ resource, scopeSpans }] = body.resourceSpans;
  expect(path).toBe("/v1/traces");
  expect(resource.attributes).toContainEqual({ key: "service.instance.id", value: { stringValue: "gateway-1" } });
  const { spans } = scopeSpans[0];
  expect(spans).toHaveLength(2_048);
  expect(spans[0]).toMatchObject({
    traceId: traceIdOf(step(10)),
    startTimeUnixNano: "998000000",
    endTimeUnixNano: "1000000000",
  });
  expect(traceIdOf(step(10))).toMatch(/^[0-9a-f]{32}$/);
  collector.close();
  exporter.add(step(20));
  await exporter[Symbol.asyncDispose]();
  expect(bodies).toHaveLength(1);
});

interface Otlp {
  resourceSpans: [{ resource: { attributes: object[] }; scopeSpans: [{ spans: object[] }] }];
}
