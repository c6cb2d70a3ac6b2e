import { createMetrics, type Metrics } from "@hubbub/runtime";

const real = createMetrics();
const made = new Map<string, unknown>();

/** One set of figures for all processes of all worlds, for nobody reads them. */
export const modelMetrics: Metrics = {
  counter: (name, help, labels) => once(name, () => real.counter(name, help, labels)),
  histogram: (name, help, buckets, labels) => once(name, () => real.histogram(name, help, buckets, labels)),
  tally: () => () => undefined,
  gauges: () => undefined,
  gauge: () => undefined,
  total: () => undefined,
  values: async () => [],
  info: () => undefined,
  text: () => real.text(),
};

function once<Made>(name: string, make: () => Made): Made {
  if (!made.has(name)) made.set(name, make());
  return made.get(name) as Made;
}
