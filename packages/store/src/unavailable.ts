/** SQLSTATEs, by class (2 characters) or code (5), after which the same statement can succeed when it is sent again. */
const TEMPORARY_SQLSTATES: ReadonlySet<string> = new Set([
  "08", // connection exception
  "25006", // read-only transaction: connected to a standby during a failover
  "40001", // serialization failure
  "40P01", // deadlock detected
  "53", // insufficient resources: connections, memory, disk
  "55P03", // lock not available
  "57014", // query canceled: statement timeout
  "57P01", // admin shutdown
  "57P02", // crash shutdown
  "57P03", // cannot connect now: starting up or recovering
  "57P05", // idle session timeout
  "58030", // I/O error
]);

const CONNECTION_ERRNOS =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN)$/;

/** Messages of `pg` errors that have no code. */
const CONNECTION_MESSAGES: readonly string[] = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Query read timeout",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
  "Cannot use a pool after calling end on the pool", // It was dropped at a failover.
];

/** Whether the database was away or busy, so that the same call can succeed later. Looks through `cause`. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && isTemporary(error.code)) return true;
  if (CONNECTION_MESSAGES.some((message) => error.message.startsWith(message))) return true;
  return isUnavailable(error.cause);
}

function isTemporary(code: string): boolean {
  if (CONNECTION_ERRNOS.test(code)) return true;
  return code.length === 5 && (TEMPORARY_SQLSTATES.has(code) || TEMPORARY_SQLSTATES.has(code.slice(0, 2)));
}
