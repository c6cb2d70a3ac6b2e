/** The part of a pino logger that the broker uses. */
export interface BrokerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Minimum time between two log lines of the same fault. */
const LOG_INTERVAL_MS = 10_000;

/** Passes on the first call of each `LOG_INTERVAL_MS`, so that a lasting fault does not fill the log. */
export function seldom<Fault>(tell: (fault: Fault) => void): (fault: Fault) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (fault) => {
    if (performance.now() - toldAt < LOG_INTERVAL_MS) return;
    toldAt = performance.now();
    tell(fault);
  };
}
