export { Acceptor } from "./accept/acceptor.ts";
export type { Accepted, EventRequest, PendingEvent } from "./accept/pending-event.ts";
export { type AcceptorOptions, createAcceptor } from "./create-acceptor.ts";
export { createHistory, type History } from "./history.ts";
export { createMemoryBroker, type MemoryBrokerOptions } from "./memory/memory-broker.ts";
export { EventRates, eventRateSettings, publishCost, REPORT_MS } from "./rates/event-rates.ts";
export { NamedRate } from "./rates/named-rate.ts";
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
export { createRedisBroker, EPOCH_JUMP, type RedisBrokerOptions } from "./redis/redis-broker.ts";
export { type RedisFacts, readRedisFacts } from "./redis/redis-facts.ts";
export { type RedisWatch, watchRedis } from "./redis/redis-state.ts";
export { isRedisUrl, REDIS_URL_FORMS } from "./redis/redis-url.ts";
export { checkRedis, LogRefused } from "./redis/start-check.ts";
export type { Broker } from "./roles/broker.ts";
export { BrokerUnavailable } from "./roles/broker-unavailable.ts";
export type { BrokerListener, ControlMessage, Deliveries } from "./roles/deliveries.ts";
export type { Figures as FiguresOfNodes, Question } from "./roles/figures.ts";
export type { Presence } from "./roles/presence.ts";
export type { Revocations } from "./roles/revocations.ts";
export type { AcceptRequest, AcceptResult, NumberedEvent, RoomHead, RoomLog, TailEvent } from "./roles/room-log.ts";
export type { DurableMark, LogEntry, ShardLog, ShardLogs } from "./roles/shard-logs.ts";
export type { Spending } from "./roles/spending.ts";
export type { Forgettable, Tails } from "./roles/tails.ts";
export type { Turns } from "./roles/turns.ts";
export { shardOf } from "./shard-of.ts";
export { createTimeline, type Timeline } from "./timeline.ts";
