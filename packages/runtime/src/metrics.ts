import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Prometheus metrics of one process. Labels are of low cardinality: never a room, never a user. */
export interface Metrics {
  counter<Label extends string = never>(name: string, help: string, labels?: readonly Label[]): Counter<Label>;
  /** A counter for what happens thousands of times a second: counts by the label's value in numbers, which a scrape reads. */
  tally<Value extends string>(name: string, help: string, label: string): (value: Value) => void;
  /** `read` is called at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
  /** A gauge for each value of a label, of which there are few. */
  gauges(
    name: string,
    help: string,
    label: string,
    read: () => Iterable<readonly [value: string, figure: number]>,
  ): void;
  /** A counter that is kept elsewhere. `read` is called at each scrape. */
  total(name: string, help: string, read: () => number): void;
  /** A gauge that is always 1: its labels tell what does not change while the process runs. */
  info(name: string, help: string, labels: Readonly<Record<string, string>>): void;
  /** `buckets` in the unit of the name. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly Label[],
  ): Histogram<Label>;
  /** The text exposition, with the process' own figures (event-loop delay, memory, CPU). */
  text(): Promise<string>;
  /** The present values of one metric, by their labels; none: this process does not have it. */
  values(name: string): Promise<readonly MetricValue[]>;
}

export interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  /** Of a histogram: with `_bucket`, `_sum` or `_count` at its end. */
  readonly metricName?: string;
}

const PREFIX = "hubbub_";

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    ...createCounters(registry),
    ...createGauges(registry),
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name: PREFIX + name, help, buckets: [...buckets], labelNames: labels, registers: [registry] }),
    text: () => registry.metrics(),
    async values(name) {
      const found = await registry.getSingleMetric(PREFIX + name)?.get();
      return (found?.values ?? []) as readonly MetricValue[];
    },
  };
}

function createCounters(registry: Registry): Pick<Metrics, "counter" | "tally" | "total"> {
  return {
    counter: (name, help, labels = []) =>
      new Counter({ name: PREFIX + name, help, labelNames: labels, registers: [registry] }),
    tally(name, help, label) {
      const counts = new Map<string, number>();
      new Counter({
        name: PREFIX + name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset();
          for (const [value, count] of counts) this.inc({ [label]: value }, count);
        },
      });
      return (value) => {
        counts.set(value, (counts.get(value) ?? 0) + 1);
      };
    },
    total(name, help, read) {
      new Counter({
        name: PREFIX + name,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
  };
}

function createGauges(registry: Registry): Pick<Metrics, "gauge" | "gauges" | "info"> {
  return {
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
    gauges(name, help, label, read) {
      new Gauge({
        name: PREFIX + name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset();
          for (const [value, figure] of read()) this.set({ [label]: value }, figure);
        },
      });
    },
    info: (name, help, labels) =>
      new Gauge({ name: PREFIX + name, help, labelNames: Object.keys(labels), registers: [registry] }).set(labels, 1),
  };
}
