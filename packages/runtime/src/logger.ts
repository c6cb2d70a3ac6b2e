import { type Logger, pino } from "pino";

export type { Logger } from "pino";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stdout. Secrets and what people write never reach it. */
export function createLogger(options: { level: LogLevel; node: string }): Logger {
  return pino({
    level: options.level,
    base: { node: options.node },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["token", "password", "authorization", "*.token", "*.password", "*.authorization", "text", "*.text"],
  });
}
