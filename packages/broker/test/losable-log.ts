import { type EventId, ProtocolError, type RoomId } from "@hubbub/protocol";
import type { AcceptorOptions } from "../src/create-acceptor.ts";
import { createMemoryBroker } from "../src/memory/memory-broker.ts";
import type { MovedEvent } from "../src/recovery/epoch-migration.ts";
import type { NumberedEvent } from "../src/roles/room-log.ts";
import { SHARDS } from "./fixture.ts";

export type LosableLog = AcceptorOptions["broker"] & {
  lose(): void;
  texts(): Promise<string[]>;
  events(): Promise<readonly { text: string; seq: number; was?: number[] }[]>;
};

/** A log that can be lost whole. */
export function openLog(backlogMaxEvents = 600_000): LosableLog {
  const backlogMaxBytes = Number.MAX_SAFE_INTEGER;
  const open = () => createMemoryBroker({ shards: SHARDS, backlogMaxEvents, backlogMaxBytes, durableAccept: false });
  let now = open();
  return {
    shards: SHARDS,
    epochJump: now.epochJump,
    isAcceptDurable: false,
    accept: (shard, batch) => now.accept(shard, batch),
    initialise: (room, start) => now.initialise(room, start),
    heads: (rooms) => now.heads(rooms),
    tail: (room, after, limit) => now.tail(room, after, limit),
    openLog: (shard) => now.openLog(shard),
    logStart: (shard) => now.logStart(shard),
    publishMarks: (shard, marks) => now.publishMarks(shard, marks),
    remember: (room, events) => now.remember(room, events),
    lose() {
      now = open();
    },
    async events() {
      const log = await now.openLog(0);
      return (await log.read("", 100_000, 0)).map(({ frame }) => JSON.parse(frame));
    },
    async texts() {
      return (await this.events()).map(({ text }) => String(text));
    },
  };
}

/** A store of which the test says what it holds. */
export function openStore() {
  let epoch = 0;
  const store = {
    rows: [] as NumberedEvent[],
    steps: [] as string[],
    moved: [] as MovedEvent[],
    isAway: false,
    beginEpoch: async (_room: RoomId, seen: number, jump: number) => {
      if (store.isAway) throw new ProtocolError("unavailable");
      epoch += 1;
      store.steps.push(`begin ${epoch}`);
      return { epoch, head: seen + (epoch === 1 ? 0 : jump) };
    },
    fence: {
      seal: async () => {
        if (store.isAway) throw new ProtocolError("unavailable");
        store.steps.push("seal");
      },
      stored: async (_room: RoomId, _range: object, asked: readonly { id: EventId }[]) => {
        store.steps.push(`look up ${asked.length}`);
        return store.rows.filter(({ id }) => asked.some((one) => one.id === id));
      },
      moved: async (_shard: number, events: readonly MovedEvent[]) => {
        store.moved.push(...events);
      },
    },
  };
  return store;
}
