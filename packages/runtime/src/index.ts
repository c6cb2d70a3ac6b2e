export { type Addresses, addresses } from "./address-list.ts";
export { BackgroundJob } from "./background-job.ts";
export { clientAddress, siteOf } from "./client-address.ts";
export { ConfigError, flag, integer, list, parseEnv, url } from "./env.ts";
export { BodyInterrupted } from "./http/streamed-body.ts";
export { createHttpHost, type HttpHandler, type HttpHost } from "./http-host.ts";
export {
  addSigningKey,
  ensureSigningKeys,
  KeyFileError,
  promoteSigningKey,
  removeSigningKey,
} from "./key-file.ts";
export { KeyedLimiter } from "./keyed-limiter.ts";
export { KeyedStates } from "./keyed-states.ts";
export { run, type Service } from "./lifecycle.ts";
export { createLogger, LOG_LEVELS, type Logger } from "./logger.ts";
export { LoopLoad } from "./loop-load.ts";
export { type LoopRole, startLoop } from "./loop-role.ts";
export { maskAddress, maskMails } from "./mask.ts";
export { createMetrics, type Metrics, type MetricValue } from "./metrics.ts";
export { origins } from "./origins.ts";
export { backoffMs, type Loop, pause, runLoop, spread, unlessAborted } from "./retry.ts";
export { SECURITY_HEADERS } from "./security-headers.ts";
export { createSecurityLog, type SecurityEvent, type SecurityLog } from "./security-log.ts";
export { readSigningKeys, type SigningKeys } from "./signing-keys.ts";
export { openTicket, sealTicket, TICKET_MEMORY_MS, TICKET_PREFIX, TICKET_SECONDS } from "./socket-tickets.ts";
export { Spikes } from "./spikes.ts";
export { TokenBucket } from "./token-bucket.ts";
export { TraceRing, type TraceStep, traceNow } from "./trace-ring.ts";
export { startWatchdog } from "./watchdog.ts";
