import { defineConfig } from "vitest/config";
import { Sequencer } from "./packages/testkit/src/order/sequencer.ts";

const SUFFIXES = ["redis", "pg", "cluster", "browser", "house"];
const packages = "{packages,chaos,loadtest}/**/src/**";
/** Most of a test is waiting: two at a time also where there are two cores. Of those that start a whole cluster, one at a time. */
const shared = {
  pool: "forks" as const,
  maxWorkers: 2,
  testTimeout: 20_000,
  hookTimeout: 120_000,
  // What `expect.poll` waits for comes late on a busy machine.
  expect: { poll: { timeout: 10_000 } },
  setupFiles: ["packages/testkit/src/seed.ts"],
};
const storeImage = "packages/store/test/image-setup.ts";
const needsServices = { ...shared, globalSetup: ["packages/testkit/src/global-setup.ts", storeImage] };

/** The suffix of a test file says what it needs: nothing, Redis, Postgres, a cluster, a browser. */
export default defineConfig({
  resolve: { conditions: ["@hubbub/source"] },
  ssr: { resolve: { conditions: ["@hubbub/source"] } },
  test: {
    maxWorkers: 2,
    sequence: { sequencer: Sequencer },
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
          globalSetup: [...needsServices.globalSetup, "packages/testkit/src/order/cluster-turns.ts"],
          setupFiles: [...shared.setupFiles, "packages/testkit/src/order/one-cluster.ts"],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
