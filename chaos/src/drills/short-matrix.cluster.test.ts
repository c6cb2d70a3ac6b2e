import { matrix } from "./testing/matrix.ts";

/** One fault of each kind. `rest-of-matrix.drills.test.ts` has the others. */
matrix("on one cluster", { links: true }, [
  "gateway-kill",
  "writer-pause",
  "redis-kill",
  "redis-flush",
  "postgres-set-back",
  "nginx-kill",
  "link-gateway-redis-cut",
  "link-deaf-subscription",
  "redis-memory-full",
  "rolling-restart",
]);

matrix("behind sentinels", { redis: "sentinel" }, ["redis-failover-behind"]);
