import { type AcceptResult, type Broker, shardOf } from "@hubbub/broker";
import {
  type EventId,
  encodeEventBody,
  isEventFrame,
  newId,
  type RoomEvent,
  type RoomId,
  type UserId,
} from "@hubbub/protocol";
import { createLogger, createMetrics, type Logger, type Metrics } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { onTestFinished } from "vitest";
import { createWriter, type Writer } from "../src/writer.ts";

/** A log and a store, shared by the tests of a file. */
export interface Stack {
  readonly broker: Broker;
  readonly store: Store;
  /** Durable marks in the order of their publication. */
  readonly marks: readonly { readonly room: RoomId; readonly seq: number }[];
}

/** A suite asks for the stack inside its tests, when the file's `beforeAll` has made it. */
export type GetStack = () => Stack;

export const SHARDS = 4;
/** Short, so that the shards of a vanished writer are soon free. */
export const LEASE_MS = 400;
export const BY = { id: newId<UserId>(), username: "ada" };

export function listenForMarks(broker: Broker): Stack["marks"] {
  const marks: { room: RoomId; seq: number }[] = [];
  broker.listen({
    deliver(_room, frame) {
      if (isEventFrame(frame)) return;
      const { room, seq } = JSON.parse(frame.toString());
      marks.push({ room, seq });
    },
    control: () => undefined,
    interrupted: () => undefined,
  });
  return marks;
}

export interface StartedWriter extends Writer {
  readonly metrics: Metrics;
}

/** Drained and stopped at the end of the test. */
export function startWriter(
  { broker, store }: Pick<Stack, "broker" | "store">,
  settings: { gatherMs?: number; markMs?: number; leaseMs?: number; log?: Logger } = {},
): StartedWriter {
  const metrics = createMetrics();
  const writer = createWriter({
    broker,
    store,
    owner: `writer-${newId()}`,
    metrics,
    log: settings.log ?? createLogger({ level: "silent", node: "test" }),
    settings: {
      WRITER_LEASE_MS: settings.leaseMs ?? LEASE_MS,
      BATCH_GATHER_MAX_MS: settings.gatherMs ?? 5,
      MARK_INTERVAL_MS: settings.markMs ?? 5,
    },
  });
  onTestFinished(async () => {
    await writer.drain(AbortSignal.timeout(2_000));
    await writer.stop();
  });
  return { ...writer, metrics };
}

/** The value of a metric without labels. */
export async function metricOf(metrics: Metrics, name: string): Promise<number> {
  return Number(new RegExp(`^hubbub_${name} (\\S+)$`, "m").exec(await metrics.text())?.[1]);
}

/** A fresh room with a subscriber, so that its marks are delivered. */
export async function openRoom({ broker }: Stack): Promise<RoomId> {
  const room = newId<RoomId>();
  await broker.initialise(room, { epoch: 1, head: 0 });
  await broker.subscribe(room);
  return room;
}

export const textBody = (text: string): string =>
  encodeEventBody({ by: BY, kind: "message", id: newId<EventId>(), text });

export async function acceptBodies(
  { broker }: Stack,
  room: RoomId,
  bodies: readonly string[],
): Promise<readonly AcceptResult[]> {
  const batch = bodies.map((body) => ({ room, user: BY.id, id: newId<EventId>(), body, seen: 0 }));
  return await broker.accept(shardOf(room, broker.shards), batch);
}

export async function acceptTexts(stack: Stack, room: RoomId, texts: readonly string[]): Promise<void> {
  const results = await acceptBodies(stack, room, texts.map(textBody));
  const refused = results.find(({ state }) => state !== "accepted");
  if (refused !== undefined) throw new Error(`not accepted: ${refused.state}`);
}

export const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_none, at) => `${prefix} ${at + 1}`);

/** Texts of a room as the store has them; of other kinds their name. */
export async function stored({ store }: Stack, room: RoomId): Promise<string[]> {
  const rows: RoomEvent[] = [];
  for (;;) {
    const page = await store.events.page(room, { after: rows.at(-1)?.seq ?? 0, limit: 500 });
    if (page.length === 0) break;
    rows.push(...page);
  }
  return rows.map((event, at) => {
    if (event.seq !== at + 1) throw new Error(`seq ${event.seq} stands at ${at + 1}`);
    return event.kind === "message" ? event.text : event.kind;
  });
}

export const lastMark = ({ marks }: Stack, room: RoomId): number | undefined =>
  marks.findLast((mark) => mark.room === room)?.seq;

/** `target` with some of its methods replaced: the edge at which a test makes things fail. */
export function withEdge<Target extends object>(target: Target, edge: Partial<Target>): Target {
  return new Proxy(target, {
    get(own, key) {
      const value: unknown = Reflect.get(key in edge ? edge : own, key);
      return typeof value === "function" ? value.bind(own) : value;
    },
  });
}
