export { Acceptor, type AcceptorOptions } from "./accept/acceptor.ts";
export type { Waiter } from "./accept/shard-batcher.ts";
export {
  type AcceptRequest,
  type AcceptResult,
  type Broker,
  type BrokerListener,
  BrokerUnavailable,
  type ControlMessage,
  type DurableMark,
  type LogEntry,
  type NumberedEvent,
  type Presence,
  type Revocations,
  type RoomHead,
  type ShardLog,
  type Spending,
  type TailEvent,
} from "./broker.ts";
export { createMemoryBroker, type MemoryBrokerOptions } from "./memory/memory-broker.ts";
export {
  closeGenerations,
  type GenerationsOptions,
  generationsToOffer,
  newestGeneration,
  setGenerationsToOffer,
} from "./redis/generations.ts";
export {
  createRedisInspection,
  type InspectedEntry,
  type InspectedHead,
  type LogInspection,
  type LogPosition,
  positionOf,
} from "./redis/inspection.ts";
export { createRedisBroker, type RedisBrokerOptions } from "./redis/redis-broker.ts";
export { isRedisUrl, REDIS_URL_FORMS } from "./redis/redis-url.ts";
export { checkRedis, LogRefused } from "./redis/start-check.ts";
export { shardOf } from "./shard-of.ts";
export { createTimeline, type Timeline } from "./timeline.ts";
export { publishCost, REPORT_MS, UserRates, userRateSettings } from "./user-rates.ts";
