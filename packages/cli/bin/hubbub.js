#!/usr/bin/env node
// What operators do works on Redis and Postgres, of which this package knows nothing: those words go to the server's program.
const OPERATOR_COMMANDS = ["migrate", "keys", "verify", "dead-letters"];

if (OPERATOR_COMMANDS.includes(process.argv[2])) await import("@hubbub/server/main");
else await import("../dist/main.js");
