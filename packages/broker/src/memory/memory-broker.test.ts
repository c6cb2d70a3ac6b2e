import { brokerContract } from "../contract/broker-contract.ts";
import { BACKLOG_MAX, SHARDS } from "../contract/fixture.ts";
import { createMemoryBroker } from "./memory-broker.ts";

brokerContract(() => createMemoryBroker({ shards: SHARDS, backlogMaxEvents: BACKLOG_MAX, durableAccept: false }));
