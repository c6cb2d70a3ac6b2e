import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { GoBinaryMissing } from "./go-binary.ts";
import { startHubbubProcess } from "./hubbub-process.ts";
import { provideK6 } from "./k6-binary.ts";
import { runK6 } from "./k6-run.ts";

const BUILD_DEADLINE_MS = 600_000;

let k6: string | GoBinaryMissing;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-load-"));
  k6 = await provideK6().catch((error: unknown) => {
    if (error instanceof GoBinaryMissing) return error;
    throw error;
  });
}, BUILD_DEADLINE_MS);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Where k6 cannot be had, the test is skipped and says why. */
function k6Or({ skip }: TestContext): string {
  return k6 instanceof GoBinaryMissing ? skip(k6.message) : k6;
}

test("G1 G2 G3 fan-out against the embedded server: all delivered, in order, once", async (context) => {
  const binary = k6Or(context);
  await using server = await startHubbubProcess({ DATA_DIR: join(directory, "data") });
  const summary = join(directory, "summary.json");
  const { code, output } = await runK6({
    k6: binary,
    scenario: "fan-out",
    args: ["--summary-export", summary],
    environment: {
      ...process.env,
      BASE_URL: `http://127.0.0.1:${server.port}`,
      CONNECTIONS: "40",
      RATE: "50",
      DURATION: "10",
      // The figures are for a quiet machine; a test run shares its own with other tests.
      P95_MS: "2000",
      P99_MS: "5000",
    },
    stdio: "pipe",
  });
  expect(code, output).toBe(0);
  const { metrics } = JSON.parse(await readFile(summary, "utf8")) as { metrics: Record<string, { count?: number }> };
  expect(metrics["deliveries"]?.count).toBe(40 * 50 * 10);
});

test("load is refused towards another machine", async (context) => {
  const binary = k6Or(context);
  const environment = { ...process.env, BASE_URL: "http://chat.example.com" };
  const { code, output } = await runK6({ k6: binary, scenario: "fan-out", args: [], environment, stdio: "pipe" });
  expect(code).not.toBe(0);
  expect(output).toContain("chat.example.com is not this machine");
});
