import { GoBinaryMissing } from "./go-binary.ts";
import { provideK6 } from "./k6-binary.ts";
import { runK6, SCENARIOS } from "./k6-run.ts";

const USAGE = `usage: npm run load -- <scenario> [arguments of k6 run]

  fan-out        few talk, everybody listens
  chat-mix       people in small rooms: messages, history, short absences
  connect-storm  everybody's connection breaks at once and comes back

Settings by environment: BASE_URL (http://127.0.0.1:8080), CONNECTIONS, ROOMS, RATE, DURATION (seconds), LOAD_VUS,
USERS, TEXT_BYTES, P95_MS, P99_MS. loadtest/README.md tells what they mean.
`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  const scenario = SCENARIOS.find((known) => known === name);
  if (scenario === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { code } = await runK6({ k6: await provideK6(), scenario, args, environment: process.env, stdio: "inherit" });
  return code ?? 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof GoBinaryMissing)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
