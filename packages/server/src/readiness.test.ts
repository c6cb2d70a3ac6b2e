import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { Readiness, type ReadinessOptions } from "./readiness.ts";

/** What a process stands on, each part up or away. */
function world(directory?: string) {
  const up = { log: true, store: true, deliveries: true };
  const ping = (name: "log" | "store") => () => (up[name] ? Promise.resolve() : Promise.reject(new Error("away")));
  const parts = {
    broker: {
      ping: ping("log"),
      get isDelivering() {
        return up.deliveries;
      },
    },
    store: { ping: ping("store") },
    directory,
  } as unknown as ReadinessOptions["parts"];
  return { up, parts };
}

const opened: Readiness[] = [];
afterEach(() => {
  for (const readiness of opened.splice(0)) readiness[Symbol.dispose]();
  vi.useRealTimers();
});

function open(options: Pick<ReadinessOptions, "parts" | "asked"> & Partial<ReadinessOptions>): Readiness {
  const readiness = new Readiness({ roles: [], isDraining: () => false, ...options });
  opened.push(readiness);
  return readiness;
}

/** Behind the pause between two looks. */
async function reasonsLater(readiness: Readiness, ms = 300): Promise<readonly string[]> {
  await vi.advanceTimersByTimeAsync(ms);
  return readiness.check();
}

test("a gateway stays ready without Postgres, an api does not", async () => {
  const { up, parts } = world();
  up.store = false;
  expect(await open({ parts, asked: ["gateway"] }).check()).toEqual([]);
  expect(await open({ parts, asked: ["api"] }).check()).toEqual(["Postgres does not answer"]);
});

test("an api stays ready without Redis", async () => {
  const { up, parts } = world();
  up.log = false;
  up.deliveries = false;
  expect(await open({ parts, asked: ["api"] }).check()).toEqual([]);
});

test("G9 a gateway to which commands pass and deliveries do not is red at once", async () => {
  vi.useFakeTimers();
  const { up, parts } = world();
  const readiness = open({ parts, asked: ["gateway"] });
  expect(await readiness.check()).toEqual([]);
  up.deliveries = false;
  expect(await reasonsLater(readiness)).toEqual(["no deliveries arrive from Redis"]);
  up.deliveries = true;
  expect(await reasonsLater(readiness)).toEqual([]);
});

test("a gateway that lost both ways to Redis is red after ten seconds, for all others may have lost it too", async () => {
  vi.useFakeTimers();
  const { up, parts } = world();
  const readiness = open({ parts, asked: ["gateway"] });
  await readiness.check();
  up.log = false;
  up.deliveries = false;
  expect(await reasonsLater(readiness, 9_000)).toEqual([]);
  expect(await reasonsLater(readiness, 3_000)).toEqual(["Redis does not answer"]);
});

test("a writer is as ready as its leases, and what its shards wait for is a trouble", async () => {
  const { parts } = world();
  const role = { readiness: () => ["leases cannot be renewed"], troubles: () => ["log is away"] };
  const status = await open({ parts, asked: ["writer"], roles: [role] }).status();
  expect(status).toMatchObject({ ready: false, reasons: ["leases cannot be renewed"], troubles: ["log is away"] });
});

test("the status tells for how long each part has been up or away", async () => {
  vi.useFakeTimers();
  const { up, parts } = world();
  const readiness = open({ parts, asked: ["gateway"] });
  await readiness.check();
  up.store = false;
  await vi.advanceTimersByTimeAsync(5_000);
  const status = await readiness.status();
  expect(status.ready).toBe(true);
  expect(status.parts.log.state).toBe("up");
  expect(status.parts.store.state).toBe("away");
  expect(status.parts.store.forMs).toBeGreaterThan(3_000);
  expect(status.parts.log.forMs).toBeGreaterThan(status.parts.store.forMs);
});

test("a data directory that is removed or replaced under a running process turns it red", async () => {
  vi.useFakeTimers();
  const root = await mkdtemp(join(tmpdir(), "hubbub-readiness-"));
  const directory = join(root, "data");
  const make = async (at: string) => {
    await mkdir(join(at, "postgres"), { recursive: true });
    await writeFile(join(at, "postgres", "PG_VERSION"), "17");
  };
  await make(directory);
  const readiness = open({ parts: world(directory).parts, asked: ["gateway", "api", "writer"] });
  expect(await readiness.check()).toEqual([]);
  await rename(directory, join(root, "moved"));
  expect(await reasonsLater(readiness)).toEqual([expect.stringContaining("data directory")]);
  await make(directory);
  expect(await reasonsLater(readiness)).toEqual([expect.stringContaining("data directory")]);
  await rm(root, { recursive: true });
});
