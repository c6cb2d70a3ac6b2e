import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Cluster,
  eventually,
  infraFile,
  Person,
  type PrometheusService,
  promtool,
  publish,
  repositoryRoot,
  startCluster,
  startPrometheus,
  subscribe,
} from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expressionsOf, expressionsOfYesterday, grafanaBoard, panels } from "./board.ts";
import { metricsTable } from "./metrics-table.ts";
import { alerts, rulesFile, rulesTest, runbooks } from "./rules.ts";

const rules = infraFile("observe/alerts.yml");
let cluster: Cluster;
let prometheus: PrometheusService;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, writers: 1, takesBackups: true, env: { TRACE_EVERY: "2" } });
  const targets = [...cluster.gateways, ...cluster.writers, ...cluster.apis, ...cluster.backups];
  prometheus = await startPrometheus({ targets, rulesFile: rules });
});
afterAll(async () => {
  await prometheus?.stop();
  await cluster?.stop();
});

test("docs/metrics.md has every metric of every role, with its type and meaning", async () => {
  const scrapes = await Promise.all(
    [cluster.gateways[0], cluster.writers[0], cluster.apis[0], cluster.backups[0]].map(async (one) => {
      const answer = await fetch(`http://127.0.0.1:${one?.port}/metrics`);
      return { role: one?.name.replace(/-\d+$/, "") ?? "", text: await answer.text() };
    }),
  );
  // `npx vitest run packages/observe --project cluster --update` writes it.
  await expect(metricsTable(scrapes)).toMatchFileSnapshot(join(repositoryRoot, "docs/metrics.md"));
});

test("the files of infra/observe and the run-books are those that `npm run docs` writes", async () => {
  expect(await readFile(rules, "utf8")).toBe(rulesFile());
  expect(await readFile(infraFile("observe/grafana.json"), "utf8")).toBe(grafanaBoard());
  expect(await readFile(join(repositoryRoot, "docs/alerts.md"), "utf8")).toBe(runbooks());
});

test("each alert fires for its example, and is silent for the other one", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-rules-"));
  const file = join(directory, "tests.yml");
  await writeFile(file, rulesTest(rules));
  await promtool("check", "rules", rules);
  await promtool("check", "config", "--syntax-only", infraFile("observe/prometheus.yml"));
  await promtool("test", "rules", file);
  await rm(directory, { recursive: true });
});

test("a cluster with work gives figures to each panel of the board, and no alert fires", async () => {
  const person = await Person.arrive(cluster.url);
  const { id: room } = await person.createRoom();
  const ws = await person.connect(cluster.wsUrl);
  await subscribe(ws, room);
  const expressions = panels.filter(({ isOftenEmpty }) => isOftenEmpty !== true).flatMap(expressionsOf);
  await eventually(
    async () => {
      await publish(ws, room, "hello");
      await person.history(room);
      expect(await withoutFigures(expressions)).toEqual([]);
    },
    { timeoutMs: 60_000 },
  );
  for (const expression of [...panels.flatMap(expressionsOf), ...panels.flatMap(expressionsOfYesterday)]) {
    await prometheus.query(expression);
  }
  expect(alerts.length).toBe(16);
  expect(await prometheus.query('ALERTS{alertstate="firing"}')).toEqual([]);
});

test("the trace of a message names the gateways that accepted and delivered it, and its writer", async () => {
  const person = await Person.arrive(cluster.url);
  const { id: room } = await person.createRoom();
  const urls = cluster.gateways.map(({ url }) => `${url.replace("http", "ws")}/ws`);
  const sockets = await Promise.all(urls.map((url) => person.connect(url)));
  for (const ws of sockets) await subscribe(ws, room);
  for (const ws of sockets) await publish(ws, room, "hello");
  const head = Math.max(...(await person.history(room)).messages.map(({ seq }) => seq));
  const traced = head - (head % 2);
  const processes = [...cluster.gateways, ...cluster.writers, ...cluster.apis];
  const ask = processes.map(({ port }) => `127.0.0.1:${port}`).join(",");
  await eventually(
    async () => {
      const lines = (await cluster.command("trace", room, `${traced}`, "--ask", ask)).split("\n");
      const said = (step: string) =>
        lines.filter((line) => line.includes(step)).map((line) => / (\w+-\d) /.exec(line)?.[1]);
      expect(said("accepted: the log answered").join()).toMatch(/^(gateway-[12]|api-1)$/);
      expect(said("delivered to 1 connection").sort()).toEqual(["gateway-1", "gateway-2"]);
      expect(said("stored: a commit of")).toEqual(["writer-1"]);
      expect(said("told durable")).toEqual(["writer-1"]);
      expect(lines[1]).toContain(person.name);
    },
    { timeoutMs: 20_000 },
  );
  const unsampled = await cluster.command("trace", room, `${traced - 1}`, "--ask", ask);
  expect(unsampled).toContain("writer-1 traces every 2. event of a room, and this is none of them");
}, 60_000);

test("a writer that hangs is an alert for its shards", async () => {
  const [writer] = cluster.writers;
  const pending = () => prometheus.query('ALERTS{alertname="HubbubShardWithoutWriter"}');
  expect(await pending()).toEqual([]);
  await writer?.pause();
  await eventually(async () => expect(await pending()).toHaveLength(1), { timeoutMs: 30_000 });
  await writer?.continue();
  await eventually(async () => expect(await pending()).toEqual([]), { timeoutMs: 30_000 });
});

/** Expressions without a series, or whose values are not numbers. */
async function withoutFigures(expressions: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(
    expressions.map(async (expression) => {
      const series = await prometheus.query(expression);
      return series.some(({ value }) => Number.isFinite(Number(value[1]))) ? [] : [expression];
    }),
  );
  return answers.flat();
}
