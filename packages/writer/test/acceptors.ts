import { type Acceptor, type AcceptorOptions, type Broker, createAcceptor, createRedisBroker } from "@hubbub/broker";
import { DEDUPE_WINDOW_MS } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { onTestFinished } from "vitest";
import { SHARDS } from "./stack.ts";

const log = createLogger({ level: "silent", node: "test" });

export function openBroker(url: string, prefix: string): Broker {
  const broker = createRedisBroker({ url, prefix, shards: SHARDS, log, backlogMaxEvents: 50_000 });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  return broker;
}

/** One accepting process. */
export function openAcceptor(store: Store, broker: Broker, fence: Partial<AcceptorOptions["fence"]> = {}): Acceptor {
  const { rooms, shards, events } = store;
  const acceptor = createAcceptor({
    broker,
    beginEpoch: (room, seen, jump) => rooms.beginEpoch(room, seen, jump),
    recent: (room) => events.recent(room, Date.now() - DEDUPE_WINDOW_MS, 10_000),
    fence: { seal: shards.seal, stored: events.stored, moved: events.moved, ...fence },
  });
  onTestFinished(() => acceptor[Symbol.asyncDispose]());
  return acceptor;
}
