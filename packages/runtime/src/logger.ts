import { type DestinationStream, type Logger, pino } from "pino";
import { maskHooks, maskMails } from "./mask.ts";

export type { Logger } from "pino";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stdout. E-mail addresses are masked. Secrets and what people write never reach it: drivers hang statements and arguments on their errors. */
export function createLogger(options: { level: LogLevel; node: string }, sink?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: { node: options.node },
    formatters: { level: (level: string) => ({ level }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: toFields, frame: toNames },
    redact: ["token", "password", "authorization", "*.token", "*.password", "*.authorization", "text", "*.text"],
    hooks: { streamWrite: (line: string) => maskHooks(maskMails(line)) },
  };
  return sink === undefined ? pino(settings) : pino(settings, sink);
}

const NAMES = ["type", "ref", "room", "id", "target"] as const;

/** Of a frame of a client only what names it: with the id of the event it is found in the log of the client, and as a row. */
function toNames(frame: unknown): unknown {
  const given = Object(frame) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(NAMES.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
}

/** What is known to be safe of an error, and of what caused it. */
function toFields(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const code = "code" in error ? { code: error.code } : {};
  return { name, message, stack, ...code, ...(cause === undefined ? {} : { cause: toFields(cause) }) };
}
