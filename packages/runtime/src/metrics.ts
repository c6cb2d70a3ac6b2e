import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Prometheus metrics of one process. Labels are of low cardinality: never a room, never a user. */
export interface Metrics {
  counter<Label extends string = never>(name: string, help: string, labels?: readonly Label[]): Counter<Label>;
  /** `read` is called at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
  /** `buckets` in the unit of the name. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly Label[],
  ): Histogram<Label>;
  /** The text exposition, with the process' own figures (event-loop delay, memory, CPU). */
  text(): Promise<string>;
}

const PREFIX = "hubbub_";

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    counter: (name, help, labels = []) =>
      new Counter({ name: PREFIX + name, help, labelNames: labels, registers: [registry] }),
    gauge(name, help, read) {
      new Gauge({
        name: PREFIX + name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name: PREFIX + name, help, buckets: [...buckets], labelNames: labels, registers: [registry] }),
    text: () => registry.metrics(),
  };
}
