import type { Broker } from "@hubbub/broker";
import { type TraceRing, type TraceStep, traceNow } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";

/** Rooms with a stored event whose durable mark is awaited. Beyond it the one that waits longest is no longer followed. */
const AWAITED_MAX = 1_024;

type Head = Pick<TraceStep, "room" | "epoch" | "seq">;

/** Has accepts, commits and durable marks of this process noted, a batch at a time. Without it they cost nothing. */
export function trace(broker: Broker, store: Store, ring: TraceRing): Store {
  /** By room: the newest stored event that is traced. */
  const awaited = new Map<string, Head>();
  const accept = broker.accept.bind(broker);
  const publishMarks = broker.publishMarks.bind(broker);
  // The parts of the process share the broker, which may be an object with private fields: it cannot be copied.
  const traced: Pick<Broker, "accept" | "publishMarks"> = {
    async accept(shard, batch) {
      const from = traceNow();
      const results = await accept(shard, batch);
      const at = traceNow();
      results.forEach((result, index) => {
        if (!("seq" in result) || !ring.isTraced(result.seq)) return;
        const name = result.state === "duplicate" ? "recognised" : "accepted";
        const { epoch, seq } = result;
        const room = batch[index]?.room ?? "";
        ring.note({ room, epoch, seq, name, at, ms: at - from, count: batch.length });
      });
      return results;
    },
    async publishMarks(shard, marks) {
      const from = traceNow();
      await publishMarks(shard, marks);
      if (awaited.size === 0) return;
      const at = traceNow();
      for (const { room, seq } of marks) {
        const head = awaited.get(room);
        if (head === undefined || head.seq > seq) continue;
        awaited.delete(room);
        ring.note({ ...head, name: "announced", at, ms: at - from, count: marks.length });
      }
    },
  };
  Object.assign(broker, traced);
  return withTracedAppend(store, ring, awaited);
}

function withTracedAppend(store: Store, ring: TraceRing, awaited: Map<string, Head>): Store {
  const append: Store["events"]["append"] = async (batch) => {
    const from = traceNow();
    const told = await store.events.append(batch);
    const at = traceNow();
    for (const { room, epoch, seq } of batch.events) {
      if (!ring.isTraced(seq)) continue;
      ring.note({ room, epoch, seq, name: "stored", at, ms: at - from, count: batch.events.length });
      awaited.delete(room);
      const [oldest] = awaited.keys();
      if (oldest !== undefined && awaited.size >= AWAITED_MAX) awaited.delete(oldest);
      awaited.set(room, { room, epoch, seq });
    }
    return told;
  };
  return { ...store, events: { ...store.events, append } };
}
