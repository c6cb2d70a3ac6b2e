import { matrix } from "./testing/matrix.ts";

/** Faults of processes, of the log and of deliveries. `rest-of-matrix.drills.test.ts` has the others. */
matrix("on one cluster", { links: true }, [
  "gateway-kill",
  "writer-pause",
  "redis-kill",
  "redis-flush",
  "link-deaf-subscription",
]);
