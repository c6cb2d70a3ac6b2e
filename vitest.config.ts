import { defineConfig } from "vitest/config";

const SUFFIXES = ["redis", "pg", "cluster", "browser", "house"];
const packages = "{packages,chaos,loadtest}/**/src/**";
/** Most of a test is waiting: two at a time also where there are two cores. Those that start a whole cluster come alone, at the end. */
const shared = {
  pool: "forks" as const,
  maxWorkers: 2,
  sequence: { groupOrder: 0 },
  testTimeout: 20_000,
  hookTimeout: 120_000,
  setupFiles: ["packages/testkit/src/seed.ts"],
};
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
          name: "unit",
          globalSetup: [storeImage],
          include: [`${packages}/*.test.ts`],
          exclude: [...SUFFIXES.map((suffix) => `**/*.${suffix}.test.ts`), "**/node_modules/**"],
        },
      },
      { extends: true, test: { ...shared, name: "house", include: [`${packages}/*.house.test.ts`] } },
      { extends: true, test: { ...needsServices, name: "redis", include: [`${packages}/*.redis.test.ts`] } },
      { extends: true, test: { ...needsServices, name: "pg", include: [`${packages}/*.pg.test.ts`] } },
      {
        extends: true,
        test: {
          ...needsServices,
          name: "cluster",
          include: [`${packages}/*.{cluster,browser}.test.ts`],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
        },
      },
    ],
  },
});
