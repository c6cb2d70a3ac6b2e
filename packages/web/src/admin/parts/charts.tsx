import type { Figures, MinuteFigures } from "@hubbub/protocol/http-figures";
import { bytes, cores, count, ms, percent } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { linesOf, withNow } from "../series.ts";
import { useLive } from "../use-live.ts";
import { Chart } from "./chart.tsx";

const MINUTES_MS = 20_000;

type Shown = readonly [
  title: string,
  pick: (row: MinuteFigures) => number | undefined,
  words: (value: number) => string,
];

const CHARTS: readonly Shown[] = [
  ["Connections", ({ connections }) => connections, count],
  ["Messages a second", ({ accepted }) => accepted, count],
  ["Deliveries a second", ({ delivered }) => delivered, count],
  ["Ack, p99", ({ acceptP99 }) => acceptP99, ms],
  ["Not stored yet", ({ lag, unstored }) => Math.max(lag, unstored), count],
  ["Processor cores", ({ cpu }) => cpu, cores],
  ["Event loop, busy", ({ loop }) => loop, percent],
  ["Memory", ({ memory }) => memory, bytes],
];

/** Of one process, or of all. `now`: figures of this moment. */
export function Charts({ node, now, at }: { node?: string; now: Figures | undefined; at: number }) {
  const operator = useOperator();
  const { value, error } = useLive(`minutes ${node ?? ""}`, MINUTES_MS, () => operator.minutes(node));
  const { today = [], yesterday = [] } = value ?? {};
  const both = { today: withNow(today, now, at), yesterday };
  return (
    <section aria-label="The last hour">
      <h2>
        The last hour <span className="muted legend">with the same hour yesterday as the dashed line</span>
      </h2>
      {error !== "" && (
        <p className="error" role="alert">
          The last hour is not known. {error}
        </p>
      )}
      <div className="charts">
        {CHARTS.map(([title, pick, words]) => (
          <Chart key={title} title={title} lines={linesOf(both, at, pick)} now={at} words={words} />
        ))}
      </div>
    </section>
  );
}
