/** One panel of the board: lines over time, each also as it was a day ago. */
export interface Panel {
  readonly title: string;
  /** Of Grafana. */
  readonly unit: "short" | "ms" | "s" | "ops" | "bytes" | "percentunit";
  /** PromQL, with `@` behind each selector where an offset may stand; the legend. */
  readonly lines: readonly (readonly [expression: string, legend: string])[];
  /** A healthy cluster has none of these. */
  readonly isOftenEmpty?: true;
}

const quantile = (q: number, metric: string) => `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket[1m]@)))`;

export const panels: readonly Panel[] = [
  { title: "Connections", unit: "short", lines: [["sum by (instance) (hubbub_connections@)", "{{instance}}"]] },
  {
    title: "Messages a second",
    unit: "ops",
    lines: [
      ["sum(rate(hubbub_accepts_total[1m]@))", "accepted"],
      ["sum(rate(hubbub_writer_rows_total[1m]@))", "stored"],
    ],
  },
  {
    title: "From publish to ack",
    unit: "ms",
    lines: [
      [quantile(0.5, "hubbub_accept_ms"), "p50"],
      [quantile(0.99, "hubbub_accept_ms"), "p99"],
    ],
  },
  {
    title: "From ack to Postgres",
    unit: "s",
    lines: [
      [quantile(0.5, "hubbub_writer_commit_delay_seconds"), "p50"],
      [quantile(0.99, "hubbub_writer_commit_delay_seconds"), "p99"],
    ],
  },
  {
    title: "HTTP requests",
    unit: "s",
    lines: [
      [quantile(0.5, "hubbub_http_request_duration_seconds"), "p50"],
      [quantile(0.99, "hubbub_http_request_duration_seconds"), "p99"],
    ],
  },
  {
    title: "Refusals a second",
    unit: "ops",
    isOftenEmpty: true,
    lines: [["sum by (code) (rate(hubbub_refusals_total[1m]@))", "{{code}}"]],
  },
  {
    title: "Repaired, and announced as gaps",
    unit: "ops",
    lines: [
      ["sum(rate(hubbub_events_repaired_total[1m]@))", "repaired"],
      ["sum(rate(hubbub_gap_events_total[1m]@)) or vector(0)", "gaps"],
    ],
  },
  {
    title: "Backlog of the log",
    unit: "percentunit",
    lines: [
      [
        "sum(hubbub_writer_lag_events@) / (sum(hubbub_writer_leases@) * max(hubbub_backlog_max_events@))",
        "of the bound",
      ],
    ],
  },
  {
    title: "Memory of Redis",
    unit: "bytes",
    lines: [
      ["max(hubbub_redis_memory_bytes@)", "used"],
      ["max(hubbub_redis_memory_max_bytes@)", "bound"],
    ],
  },
  {
    title: "Event loop, p99",
    unit: "s",
    lines: [
      [
        "max by (instance) (nodejs_eventloop_lag_p99_seconds@ * on (job, instance) group_left hubbub_ready@)",
        "{{instance}}",
      ],
    ],
  },
  {
    title: "CPU",
    unit: "percentunit",
    lines: [["rate(process_cpu_seconds_total[1m]@) * on (job, instance) group_left hubbub_ready@", "{{instance}}"]],
  },
  {
    title: "Memory of processes",
    unit: "bytes",
    lines: [["process_resident_memory_bytes@ * on (job, instance) group_left hubbub_ready@", "{{instance}}"]],
  },
  {
    title: "Work left undone",
    unit: "ops",
    isOftenEmpty: true,
    lines: [["sum by (what) (rate(hubbub_shed_total[1m]@))", "{{what}}"]],
  },
  { title: "Index of search behind", unit: "short", lines: [["max(hubbub_search_lag_batches@)", "batches"]] },
  {
    title: "Ready processes",
    unit: "short",
    lines: [
      ["count by (version, roles) (hubbub_build_info@ * on (job, instance) hubbub_ready@)", "{{roles}} {{version}}"],
    ],
  },
];

/** The input that Grafana asks for at the import. */
const SOURCE = "DS_PROMETHEUS";
/** Two in a row, in units of Grafana's grid. */
const WIDTH = 12;
const HEIGHT = 8;

const now = (expression: string): string => expression.replaceAll("@", "");
const yesterday = (expression: string): string => expression.replaceAll("@", " offset 1d");

/** What Grafana imports. Its data source is asked for at the import. */
export function grafanaBoard(): string {
  const source = { type: "prometheus", uid: `\${${SOURCE}}` };
  const board = {
    __inputs: [{ name: SOURCE, label: "Prometheus", type: "datasource", pluginId: "prometheus" }],
    uid: "hubbub",
    title: "Hubbub",
    tags: ["hubbub"],
    schemaVersion: 39,
    refresh: "10s",
    time: { from: "now-1h", to: "now" },
    panels: panels.map(({ title, unit, lines }, at) => ({
      id: at + 1,
      type: "timeseries",
      title,
      datasource: source,
      gridPos: { x: (at % 2) * WIDTH, y: Math.floor(at / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [dashedIfAgo] },
      targets: lines.flatMap(([expression, legend], line) => [
        { refId: `A${line}`, expr: now(expression), legendFormat: legend },
        { refId: `B${line}`, expr: yesterday(expression), legendFormat: `${legend}${AGO}` },
      ]),
    })),
  };
  return `${JSON.stringify(board, null, 2)}\n`;
}

const AGO = ", a day ago";
const dashedIfAgo = {
  matcher: { id: "byRegexp", options: `/${AGO}$/` },
  properties: [{ id: "custom.lineStyle", value: { fill: "dash", dash: [4, 4] } }],
};

/** Every expression of the board, without its offset. */
export const expressionsOf = ({ lines }: Panel): string[] => lines.map(([expression]) => now(expression));
export const expressionsOfYesterday = ({ lines }: Panel): string[] =>
  lines.map(([expression]) => yesterday(expression));
