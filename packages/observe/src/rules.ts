import type { Alert } from "./alert.ts";
import { alertsOfBackups } from "./alerts-of-backups.ts";
import { alertsOfChat } from "./alerts-of-chat.ts";
import { alertsOfStorage, recorded } from "./alerts-of-storage.ts";

export const alerts: readonly Alert[] = [...alertsOfChat, ...alertsOfStorage, ...alertsOfBackups];

const RUNBOOKS = "docs/alerts.md";
const WRITTEN = "# Written by `npm run docs` from packages/observe. Do not edit.\n";
/** A string of YAML, with as little escaped as can be. */
const quoted = (text: string): string =>
  text.includes('"') ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);

/** The rule file of Prometheus. */
export function rulesFile(): string {
  const records = recorded.map(
    ([name, expression]) => `      - record: ${name}\n        expr: ${quoted(expression)}\n`,
  );
  return `${WRITTEN}groups:\n  - name: hubbub\n    rules:\n${records.join("")}${alerts.map(ruleOf).join("")}`;
}

function ruleOf({ name, severity, expression, holds, summary }: Alert): string {
  return [
    `      - alert: ${name}`,
    `        expr: ${quoted(expression)}`,
    `        for: ${holds}`,
    `        labels: { severity: ${severity} }`,
    "        annotations:",
    `          summary: ${quoted(summary)}`,
    `          runbook: ${quoted(`${RUNBOOKS}#${name.toLowerCase()}`)}`,
    "",
  ].join("\n");
}

/** For `promtool test rules`: each alert once with series that make it fire, once with others that do not. */
export function rulesTest(rulesPath: string): string {
  const tests = alerts.flatMap(({ name, example: { fires, firesToo, silent, at } }) =>
    ([[fires, 1], [silent, 0], ...(firesToo === undefined ? [] : ([[firesToo, 1]] as const))] as const).map(
      ([series, firing]) => ({
        interval: "15s",
        input_series: series.map(([of, values]) => ({ series: of, values })),
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`,
            eval_time: at,
            exp_samples: [{ labels: "{}", value: firing }],
          },
        ],
      }),
    ),
  );
  // JSON is YAML.
  return JSON.stringify({ rule_files: [rulesPath], evaluation_interval: "15s", tests }, null, 2);
}

/** `docs/alerts.md`: a run-book for each alert. */
export function runbooks(): string {
  const rows = alerts.map(
    ({ name, severity, summary }) => `| [${name}](#${name.toLowerCase()}) | ${severity} | ${plain(summary)} |`,
  );
  return `# Alerts

Written by \`npm run docs\` from \`packages/observe\`. The rules are in
[infra/observe/alerts.yml](../infra/observe/alerts.yml), for Prometheus. A test evaluates each rule with series that make it fire,
and with others that must not. \`page\`: somebody looks at once. \`ticket\`: within a working day.

| alert | severity | meaning |
|---|---|---|
${rows.join("\n")}
${alerts.map(runbookOf).join("")}`;
}

function runbookOf({ name, expression, holds, summary, effect, steps }: Alert): string {
  const numbered = steps.map((step, at) => `${at + 1}. ${step}`).join("\n");
  return `
## ${name}

${plain(summary)} ${effect}

\`\`\`promql
${expression}
\`\`\`

For ${holds}.

${numbered}
`;
}

/** Without the template of a label. */
function plain(text: string): string {
  const sentence = text
    .replaceAll("{{ $labels.instance }}", "a process")
    .replaceAll("{{ $labels.target }}", "one of BACKUP_TARGETS");
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
