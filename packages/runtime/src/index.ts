export { clientAddress } from "./client-address.ts";
export { ConfigError, flag, integer, list, parseEnv, url } from "./env.ts";
export { type Readiness, withHealth } from "./health.ts";
export { createHttpHost, type HttpHandler, type HttpHost } from "./http-host.ts";
export { KeyedLimiter } from "./keyed-limiter.ts";
export { run, type Service } from "./lifecycle.ts";
export { createLogger, LOG_LEVELS, type Logger } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { TokenBucket } from "./token-bucket.ts";
