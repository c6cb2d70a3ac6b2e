import { type EventId, encodeEventBody, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, onTestFinished } from "vitest";
import type { Broker } from "../src/roles/broker.ts";
import type { BrokerListener, ControlMessage } from "../src/roles/deliveries.ts";
import type { AcceptRequest, AcceptResult } from "../src/roles/room-log.ts";
import { shardOf } from "../src/shard-of.ts";

export const SHARDS = 4;
export const BACKLOG_MAX = 8;
/** Four texts of 5,000 bytes, with their heads. */
export const BACKLOG_MAX_BYTES = 20_000;

/** Opens a broker with `SHARDS`, `BACKLOG_MAX`, `BACKLOG_MAX_BYTES`, no replay window and no data of other tests. */
export type OpenBroker = () => Broker;

export interface Author {
  readonly id: UserId;
  readonly username: string;
}

export const ada: Author = { id: newId(), username: "ada" };

/** A message with a fresh id, unless one is given. */
export function message(room: RoomId, text: string, more: Partial<AcceptRequest> = {}): AcceptRequest {
  const id = more.id ?? newId<EventId>();
  const body = encodeEventBody({ by: ada, kind: "message", id, text });
  return { room, user: ada.id, id, body, seen: 0, ...more };
}

export function open(create: OpenBroker): Broker {
  const broker = create();
  onTestFinished(() => broker[Symbol.asyncDispose]());
  return broker;
}

/** A room of shard 0 with an epoch, numbered above `head`. */
export async function openRoom(broker: Broker, head = 0): Promise<RoomId> {
  const room = newRoom();
  await broker.initialise(room, { epoch: 1, head });
  return room;
}

export function newRoom(shard = 0): RoomId {
  for (;;) {
    const room = newId<RoomId>();
    if (shardOf(room, SHARDS) === shard) return room;
  }
}

export async function accept(broker: Broker, ...batch: AcceptRequest[]): Promise<readonly AcceptResult[]> {
  return await broker.accept(0, batch);
}

export function seqOf(result: AcceptResult | undefined): number {
  if (result === undefined || !("seq" in result)) throw new Error(`not numbered: ${JSON.stringify(result)}`);
  return result.seq;
}

export interface Recorder {
  readonly frames: { room: RoomId | UserId; frame: string }[];
  readonly controls: ControlMessage[];
  interruptions: number;
  textsOf(room: RoomId): string[];
}

/** Becomes the listener of the broker and records its calls. */
export function record(broker: Broker): Recorder {
  const recorder: Recorder = {
    frames: [],
    controls: [],
    interruptions: 0,
    textsOf: (room) => recorder.frames.filter((heard) => heard.room === room).map(({ frame }) => frame),
  };
  const listener: BrokerListener = {
    deliver: (room, frame) => {
      expect(Buffer.isBuffer(frame)).toBe(true);
      recorder.frames.push({ room, frame: frame.toString() });
    },
    control: (control) => recorder.controls.push(control),
    interrupted: () => {
      recorder.interruptions += 1;
    },
  };
  broker.listen(listener);
  return recorder;
}
