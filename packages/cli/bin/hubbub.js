#!/usr/bin/env node
// Operator commands work on Redis and Postgres, which this package does not know: the server's program takes them.
const OPERATOR_COMMANDS = [
  "migrate",
  "adopt",
  "keys",
  "verify",
  "sessions",
  "dead-letters",
  "search-index",
  "erase",
  "admin",
  "backup",
  "backup-key",
  "restore",
];

if (OPERATOR_COMMANDS.includes(process.argv[2])) await operate();
else await import("../dist/main.js");

async function operate() {
  try {
    import.meta.resolve("@hubbub/server/main");
  } catch {
    console.error(
      `hubbub ${process.argv[2]} needs the server: install @hubbub/server beside @hubbub/cli, or run it in the server's folder`,
    );
    process.exit(1);
  }
  await import("@hubbub/server/main");
}
