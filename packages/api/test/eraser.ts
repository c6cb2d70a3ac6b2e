import { createAcceptor } from "@hubbub/broker";
import { createLogger } from "@hubbub/runtime";
import { Eraser } from "../src/erasure/eraser.ts";
import type { World } from "./test-api.ts";

/** The job as a process of its own has it. Its own loop begins too late to matter. */
export function openEraser({ store, broker }: World): Eraser {
  const acceptor = createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch });
  const log = createLogger({ level: "silent", node: "test" });
  const revocations = { tell: async () => undefined, isUntold: () => false, close: async () => undefined };
  return new Eraser({ store, broker, acceptor, revocations, log, settledMs: 0 });
}
