import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataDirectory } from "./data-directory.ts";
import { type ProgramSpec, provide } from "./provide.ts";
import { run } from "./run.ts";
import { type Service, startService } from "./service.ts";

export const prometheusProgram: ProgramSpec = {
  title: "Prometheus",
  binaries: ["prometheus", "promtool"],
  directories: [],
  aptPackage: "prometheus",
};

export interface PrometheusOptions {
  /** Of each process, its name and where `/metrics` is. */
  readonly targets: readonly { readonly name: string; readonly port: number }[];
  readonly rulesFile: string;
}

export interface PrometheusService extends Service {
  /** The series that an expression has now. @throws with what Prometheus says against the expression */
  query(expression: string): Promise<readonly PrometheusSample[]>;
}

export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

/** Scrapes every second. */
export async function startPrometheus({ targets, rulesFile }: PrometheusOptions): Promise<PrometheusService> {
  const program = await provide(prometheusProgram);
  if (program.kind !== "binary") throw new Error("Prometheus is needed on this machine");
  const directory = await openDataDirectory("prometheus", undefined);
  const config = join(directory.path, "prometheus.yml");
  const statics = targets.map(({ name, port }) => ({ targets: [`127.0.0.1:${port}`], labels: { instance: name } }));
  const settings = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [rulesFile],
    scrape_configs: [{ job_name: "hubbub", static_configs: statics }],
  };
  // JSON is YAML.
  await writeFile(config, JSON.stringify(settings));
  const service = await startService({
    name: "Prometheus",
    launch: (port) => ({
      name: "Prometheus",
      command: join(program.directory, "prometheus"),
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory.path, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
    }),
    async probe(port) {
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`);
      if (!answer.ok) throw new Error(`Prometheus answers ${answer.status}`);
    },
    cleanUp: directory.close,
  });
  return Object.assign(service, { query: (expression: string) => ask(service.port, expression) });
}

async function ask(port: number, expression: string): Promise<readonly PrometheusSample[]> {
  const body = new URLSearchParams({ query: expression });
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query`, { method: "POST", body });
  const { data, error } = (await answer.json()) as { data?: { result: PrometheusSample[] }; error?: string };
  if (data === undefined) throw new Error(`${expression}: ${error}`);
  return data.result;
}

/** @throws with what promtool prints */
export async function promtool(...args: readonly string[]): Promise<void> {
  const program = await provide(prometheusProgram);
  if (program.kind !== "binary") throw new Error("promtool is needed on this machine");
  await run(join(program.directory, "promtool"), args);
}
