import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const SCENARIOS = ["fan-out", "chat-mix", "connect-storm"] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface K6Run {
  readonly k6: string;
  readonly scenario: Scenario;
  /** Further arguments of `k6 run`. */
  readonly args: readonly string[];
  /** BASE_URL, CONNECTIONS, ROOMS, RATE, DURATION …: see loadtest/README.md. */
  readonly environment: NodeJS.ProcessEnv;
  readonly stdio: "inherit" | "pipe";
}

/** Runs a scenario to its end. `code` is 0 when all thresholds held; `output` is empty where it was inherited. */
export async function runK6(run: K6Run): Promise<{ code: number | null; output: string }> {
  const script = fileURLToPath(new URL(`../k6/${run.scenario}.js`, import.meta.url));
  const child = spawn(run.k6, ["run", ...run.args, script], {
    env: { ...run.environment, K6_NO_USAGE_REPORT: "true" },
    stdio: ["ignore", run.stdio, run.stdio],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, output };
}
