import type { Metrics } from "@hubbub/runtime";

const ROWS = [1, 5, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
const DELAY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export type Meters = ReturnType<typeof createMeters>;

export function createMeters(metrics: Metrics, held: () => number, lag: () => number) {
  metrics.gauge("writer_leases", "Shards that this writer holds", held);
  metrics.gauge("writer_lag_events", "Accepted events that are not committed yet, of the shards held", lag);
  return {
    rows: metrics.counter("writer_rows_total", "Events committed"),
    batchRows: metrics.histogram("writer_batch_rows", "Events of one transaction", ROWS),
    batchSeconds: metrics.histogram("writer_batch_seconds", "Duration of one transaction", SECONDS),
    commitDelay: metrics.histogram("writer_commit_delay_seconds", "From accept to commit", DELAY_SECONDS),
    deadLetters: metrics.counter("writer_dead_letters_total", "Entries that could not be stored as events"),
    retries: metrics.counter("writer_retries_total", "Waits for a store or a log that was away", ["cause"]),
  };
}
