/** What a process of one role answers at `/metrics`. */
export interface Scrape {
  readonly role: string;
  readonly text: string;
}

interface Row {
  readonly type: string;
  readonly help: string;
  readonly roles: Set<string>;
}

/** `docs/metrics.md`: each metric of Hubbub, as its processes describe it. Those of Node and of the process itself have no row. */
export function metricsTable(scrapes: readonly Scrape[]): string {
  const rows = new Map<string, Row>();
  for (const { role, text } of scrapes) {
    for (const [, name = "", help = ""] of text.matchAll(/^# HELP (hubbub_\S+) (.*)$/gm)) {
      const type = new RegExp(`^# TYPE ${name} (\\w+)$`, "m").exec(text)?.[1] ?? "";
      const row = rows.get(name) ?? { type, help, roles: new Set() };
      row.roles.add(role);
      rows.set(name, row);
    }
  }
  const lines = [...rows]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, { type, help, roles }]) => `| \`${name}\` | ${type} | ${[...roles].sort().join(", ")} | ${help} |`);
  return `# Metrics

Written from what processes answer at \`/metrics\`. Labels are of low cardinality: never a room, never a user. The metrics of Node and of
the process (\`nodejs_*\`, \`process_*\`) are those of prom-client. A process with \`TLS_CERT_FILE\` also has \`hubbub_tls_expiry_seconds\`, an api
with mail \`hubbub_mails_total\` and \`hubbub_mail_queue_depth\`. [alerts.md](alerts.md) has the alerts,
[infra/observe/grafana.json](../infra/observe/grafana.json) is a board for Grafana.

| metric | type | roles | meaning |
|---|---|---|---|
${lines.join("\n")}
`;
}
