import { brokerContract } from "../contract/broker-contract.ts";
import { openOnRedis } from "./test-redis.ts";

brokerContract(() => openOnRedis());
