/**
 * How long the slowest test files take on a quiet machine with two cores. It decides only about their order, so it need
 * not be exact.
 */
export const SECONDS: Readonly<Record<string, number>> = {
  "chaos/src/drills/short-matrix.cluster.test.ts": 150,
  "chaos/src/model/model.test.ts": 90,
  "packages/testkit/src/tests/verify.cluster.test.ts": 29,
  "packages/testkit/src/tests/adopt.cluster.test.ts": 27,
  "packages/testkit/src/tests/many-rooms.cluster.test.ts": 27,
  "packages/api/src/http.test.ts": 26,
  "chaos/src/hostile/hostile.cluster.test.ts": 24,
  "packages/testkit/src/tests/page.browser.test.ts": 24,
  "chaos/src/hostile/slow.cluster.test.ts": 20,
  "packages/api/src/file-streams.test.ts": 20,
  "packages/writer/src/lost-log.pg.test.ts": 19,
  "loadtest/src/k6-smoke.cluster.test.ts": 19,
  "packages/testkit/src/tests/embedded.cluster.test.ts": 18,
  "packages/testkit/src/packages.cluster.test.ts": 17,
  "packages/verify/src/verify.pg.test.ts": 16,
  "packages/testkit/src/tests/page-place.browser.test.ts": 16,
  "packages/testkit/src/services/nginx-idle.redis.test.ts": 15,
  "packages/testkit/src/tests/main-path.cluster.test.ts": 15,
  "packages/testkit/src/tests/put-back.cluster.test.ts": 14,
  "packages/broker/src/redis/redis-failures.redis.test.ts": 12,
  "packages/runtime/src/http/idle.test.ts": 12,
  "packages/api/src/exports/exports.pg.test.ts": 11,
  "packages/testkit/src/tests/page-messages.browser.test.ts": 14,
  "packages/writer/src/writer.test.ts": 10,
  "packages/gateway/src/load-shedder.test.ts": 10,
};
/** Of others, with the imports. */
export const USUAL_SECONDS = { cluster: 8, others: 2 };
