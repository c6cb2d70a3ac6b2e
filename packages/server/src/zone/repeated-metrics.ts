import type { Metrics } from "@hubbub/runtime";

/** For a role that begins anew in this process: its counters go on, and its gauges read the newest one. */
export function repeatedMetrics(metrics: Metrics): Metrics {
  const made = new Map<string, unknown>();
  const reads = new Map<string, () => number>();
  const once = <Made>(name: string, make: () => Made): Made => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as Made;
  };
  return {
    ...metrics,
    counter: (name, ...rest) => once(name, () => metrics.counter(name, ...rest)),
    histogram: (name, ...rest) => once(name, () => metrics.histogram(name, ...rest)),
    gauge(name, help, read) {
      reads.set(name, read);
      once(name, () => metrics.gauge(name, help, () => reads.get(name)?.() ?? 0));
    },
  };
}
