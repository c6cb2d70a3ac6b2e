/** Commands of the server's program, which bin/hubbub.js hands on: they work on Redis and Postgres, which this package does not know. */
export const OPERATOR_COMMANDS: readonly string[] = [
  "migrate",
  "adopt",
  "keys",
  "verify",
  "trace",
  "sessions",
  "dead-letters",
  "search-index",
  "erase",
  "admin",
  "backup",
  "backup-key",
  "restore",
  "doctor",
  "audit-config",
  "plan",
];
