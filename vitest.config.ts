import { defineConfig } from "vitest/config";

const SUFFIXES = ["redis", "pg", "cluster", "browser", "house", "long", "drills"];
const packages = "{packages,chaos,loadtest}/**/src/**";
/**
 * Files share a process, so that it loads each module once: that halves the CPU time. What a file starts it must therefore
 * end, and it leaves no state in a module.
 */
const together = { isolate: false, maxWorkers: 2 };
const storeImage = "packages/store/test/image-setup.ts";
const services = { globalSetup: ["packages/testkit/src/global-setup.ts", storeImage] };

function project(name: string, groupOrder: number, own: object) {
  const shared = {
    name,
    pool: "forks" as const,
    maxWorkers: 1,
    sequence: { groupOrder },
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // What `expect.poll` waits for comes late on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    setupFiles: ["packages/testkit/src/test-defaults.ts"],
    include: [`${packages}/*.${name}.test.ts`],
  };
  return { extends: true as const, test: { ...shared, ...own } };
}

/**
 * The suffix of a test file says what it needs: nothing, Redis, Postgres, a cluster, a browser, or a process of its own because it
 * computes for long. One project runs after the other. `npm test` leaves out `drills`, which `npm run test:drills` runs.
 */
export default defineConfig({
  resolve: { conditions: ["@hubbub/source"] },
  ssr: { resolve: { conditions: ["@hubbub/source"] } },
  test: {
    projects: [
      project("unit", 0, {
        ...together,
        globalSetup: [storeImage],
        include: [`${packages}/*.test.ts`],
        exclude: [...SUFFIXES.map((suffix) => `**/*.${suffix}.test.ts`), "**/node_modules/**"],
      }),
      project("house", 1, together),
      project("redis", 2, { ...together, ...services }),
      project("pg", 3, { ...together, ...services }),
      project("long", 4, {}),
      project("browser", 5, { ...services, testTimeout: 120_000 }),
      project("cluster", 6, { ...services, testTimeout: 120_000 }),
      project("drills", 7, { ...services, testTimeout: 120_000 }),
    ],
  },
});
