#!/usr/bin/env node
import { OPERATOR_COMMANDS } from "../dist/operator-commands.js";

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
