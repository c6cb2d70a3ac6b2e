import "vitest";

/** What the `globalSetup` files of vitest.config.ts provide. A package with `.redis` or `.pg` tests lists this file in its tsconfig's `include`. */
declare module "vitest" {
  interface ProvidedContext {
    /** `redis://…`: shared by all test files of a run, so each uses a key prefix of its own. */
    redisUrl: string;
    /** A superuser's URL: each test file makes a database of its own, see `createTestDatabase`. */
    postgresUrl: string;
    /** A file: `createEmbeddedStore({ image })` begins with the schema. From `packages/store/test/image-setup.ts`. */
    storeImage: string;
  }
}
