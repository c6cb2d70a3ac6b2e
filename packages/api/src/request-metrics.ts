import type { Metrics } from "@hubbub/runtime";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";

const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Duration of every request by the pattern of its route, never by its path. */
export function measureRequests(metrics: Metrics): MiddlewareHandler {
  const durations = metrics.histogram("http_request_duration_seconds", "Duration of HTTP requests", BUCKETS_S, [
    "method",
    "route",
    "status",
  ]);
  return async (c, next) => {
    const begin = performance.now();
    let status = "5xx";
    try {
      await next();
      status = `${Math.floor(c.res.status / 100)}xx`;
    } finally {
      const labels = {
        method: KNOWN_METHODS.has(c.req.method) ? c.req.method : "other",
        route: routePath(c),
        status,
      };
      durations.observe(labels, (performance.now() - begin) / 1_000);
    }
  };
}

const KNOWN_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
