import { Counter, Rate, Trend } from "k6/metrics";

/** Milliseconds from a publish to its delivery: both by the clock of this process. */
export const deliveryMs = new Trend("delivery_ms", true);
export const readyMs = new Trend("ready_ms", true);
export const resumeMs = new Trend("resume_ms", true);
export const deliveries = new Counter("deliveries");
/** One sample for each delivery that was due: whether it came. */
export const deliveryRatio = new Rate("delivery_ratio");
export const gaps = new Counter("gaps");
export const duplicates = new Counter("duplicates");
/** Error frames, failed connections, unexpected closes, HTTP answers that are no success. */
export const errors = new Counter("errors");

/** What must hold in every scenario. */
export function thresholds({ p95Ms, p99Ms }) {
  return {
    delivery_ms: [`p(95)<${p95Ms}`, `p(99)<${p99Ms}`],
    deliveries: ["count>0"],
    delivery_ratio: ["rate==1"],
    gaps: ["count==0"],
    duplicates: ["count==0"],
    errors: ["count==0"],
  };
}

/** One shot for each VU, which ends when its connections are closed. */
export function scenarioOf(name, { vus, durationSeconds }) {
  const grace = 60;
  return {
    scenarios: {
      [name]: { executor: "per-vu-iterations", vus, iterations: 1, maxDuration: `${durationSeconds + grace}s` },
    },
    summaryTrendStats: ["med", "p(95)", "p(99)", "max", "count"],
    setupTimeout: "120s",
  };
}
