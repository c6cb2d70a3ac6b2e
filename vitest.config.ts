import { defineConfig } from "vitest/config";

const SUFFIXES = ["redis", "pg", "cluster", "browser", "house"];
const packages = "{packages,chaos,loadtest}/**/src/**";
const shared = {
  pool: "forks" as const,
  testTimeout: 20_000,
  hookTimeout: 120_000,
  // What `expect.poll` waits for comes late on a busy machine.
  expect: { poll: { timeout: 10_000 } },
  setupFiles: ["packages/testkit/src/seed.ts"],
};
/**
 * Files share a process, so that it loads each module once: that halves the CPU time. What a file starts it must therefore
 * end, and it leaves no state in a module.
 */
const together = { isolate: false, maxWorkers: 2 };
const storeImage = "packages/store/test/image-setup.ts";
const needsServices = { ...shared, globalSetup: ["packages/testkit/src/global-setup.ts", storeImage] };

/** The suffix of a test file says what it needs: nothing, Redis, Postgres, a cluster, a browser. */
export default defineConfig({
  resolve: { conditions: ["@hubbub/source"] },
  ssr: { resolve: { conditions: ["@hubbub/source"] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          ...together,
          name: "unit",
          globalSetup: [storeImage],
          include: [`${packages}/*.test.ts`],
          exclude: [...SUFFIXES.map((suffix) => `**/*.${suffix}.test.ts`), "**/node_modules/**"],
        },
      },
      { extends: true, test: { ...shared, ...together, name: "house", include: [`${packages}/*.house.test.ts`] } },
      {
        extends: true,
        test: { ...needsServices, ...together, name: "redis", include: [`${packages}/*.redis.test.ts`] },
      },
      { extends: true, test: { ...needsServices, ...together, name: "pg", include: [`${packages}/*.pg.test.ts`] } },
      {
        extends: true,
        test: {
          ...needsServices,
          name: "cluster",
          include: [`${packages}/*.{cluster,browser}.test.ts`],
          // Two clusters at a time are too much for two cores.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
        },
      },
    ],
  },
});
