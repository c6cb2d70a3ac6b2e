import { matrix } from "./testing/matrix.ts";

/** Run by `npm run test:drills`: they take five minutes. */
matrix("on one cluster", { links: true }, [
  "gateway-pause",
  "writer-kill",
  "api-kill",
  "redis-restore",
  "redis-pause",
  "postgres-kill",
  "postgres-pause",
  "nginx-reload",
  "link-writer-postgres-held-down",
  "link-front-gateway-delayed",
  "clock-gateway",
  "postgres-set-back",
  "nginx-kill",
  "link-gateway-redis-cut",
  "redis-memory-full",
  "rolling-restart",
]);

matrix("behind sentinels", { redis: "sentinel" }, ["redis-failover-behind"]);
