import { createTimeline, type RoomLog, type Timeline } from "@hubbub/broker";
import type { Store } from "@hubbub/store";
import type { GatewayMetrics } from "../metrics.ts";

/** The timeline of log and store, with every read of either counted. */
export function countedTimeline(broker: RoomLog, store: Store, metrics: GatewayMetrics): Timeline {
  const sources = {
    tail(...asked: Parameters<RoomLog["tail"]>) {
      metrics.timelineRead("log");
      return broker.tail(...asked);
    },
    heads: (...asked: Parameters<RoomLog["heads"]>) => broker.heads(...asked),
  };
  return createTimeline(sources, (...asked) => {
    metrics.timelineRead("store");
    return store.events.page(...asked);
  });
}
