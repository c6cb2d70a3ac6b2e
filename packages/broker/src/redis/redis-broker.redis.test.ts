import { brokerContract } from "../../test/contract/broker-contract.ts";
import { openOnRedis } from "../../test/redis-broker.ts";

brokerContract(() => openOnRedis());
