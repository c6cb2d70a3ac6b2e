import type { Cluster, ClusterEvent } from "./cluster.ts";
import { secretsFile } from "./cluster-env.ts";
import type { Exit } from "./services/service-process.ts";

/** What the cluster says while it runs, one line for an event. */
export function describeEvent(event: ClusterEvent): string {
  switch (event.type) {
    case "progress":
      return `… ${event.message}`;
    case "died":
      return `✗ ${event.name} ended (${describeExit(event.exit)}), starting it again in ${seconds(event.restartInMs)}`;
    case "restarted":
      return `✓ ${event.name} is back (pid ${event.pid})`;
    case "restart-failed":
      return `✗ ${event.name} did not come back, next try in ${seconds(event.restartInMs)}: ${firstLine(event.error)}`;
  }
}

/** What stands where, and what to do next. */
export function welcome(cluster: Cluster, isKept: boolean): string {
  const rows = [...cluster.gateways, ...cluster.apis, ...cluster.writers].map(
    ({ name, pid, url }) => `  ${name.padEnd(12)} pid ${String(pid).padEnd(8)} ${url}/metrics`,
  );
  return `
Hubbub runs: ${cluster.url}

${rows.join("\n")}
  ${"redis".padEnd(12)} pid ${String(cluster.redis.pid).padEnd(8)} ${withoutPassword(cluster.redis.url)}
  ${"postgres".padEnd(12)} pid ${String(cluster.postgres.pid).padEnd(8)} ${withoutPassword(cluster.databaseUrl)}
  ${"nginx".padEnd(12)} pid ${String(cluster.nginx.pid).padEnd(8)} ${cluster.url}

  Open ${cluster.url} in two browsers and talk.
  Kill a process (kill -9 PID) and watch it come back: no message is lost.
  Check its rooms: (set -a; . ${secretsFile(cluster.directory)}; npx hubbub verify)
  Data, keys and logs: ${cluster.directory}${isKept ? "" : " (removed at the end; --data DIR keeps them)"}
  Ctrl-C stops everything.`;
}

function withoutPassword(url: string): string {
  // `new URL` refuses several hosts.
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, "$1@");
}

function describeExit({ code, signal }: Exit): string {
  return signal ?? `code ${code}`;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("");
}
