import { matrix } from "./testing/matrix.ts";

/** Run by `npm run test:drills`: they take three minutes. */
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
]);
