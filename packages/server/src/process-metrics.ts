import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { watchRedis } from "@hubbub/broker";
import type { Logger, Metrics } from "@hubbub/runtime";
import { buildVersion } from "./announce.ts";
import type { PartName, Readiness } from "./readiness.ts";
import type { Settings } from "./settings.ts";

export interface ProcessMetricsOptions {
  readonly settings: Settings;
  readonly readiness: Pick<Readiness, "isReady" | "isUp">;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const PARTS: readonly (readonly [PartName, string])[] = [
  ["log", "1 while Redis answers commands, or the log of this process does"],
  ["deliveries", "1 while what is published arrives at this process"],
  ["store", "1 while Postgres answers"],
];

/** What is true of the process as a whole, whatever its roles. */
export function exposeProcess({ settings, readiness, metrics, log }: ProcessMetricsOptions): AsyncDisposable {
  metrics.info("build_info", "The build of this process, and its roles", {
    version: buildVersion(),
    node: process.version,
    roles: settings.ROLES.join(","),
  });
  metrics.gauge("ready", "1 while /readyz answers 200", () => Number(readiness.isReady));
  for (const [part, help] of PARTS) metrics.gauge(`${part}_up`, help, () => Number(readiness.isUp(part)));
  metrics.gauge(
    "backlog_max_events",
    "The bound of uncommitted events of one shard",
    () => settings.BACKLOG_MAX_EVENTS,
  );
  const shards = settings.REDIS_URL === undefined ? 1 : settings.SHARDS;
  metrics.gauge("shards", "Shards of the log", () => shards);
  const expires = settings.TLS_CERT_FILE === undefined ? null : expiryOf(settings.TLS_CERT_FILE);
  if (expires !== null) {
    const left = () => (expires - Date.now()) / 1_000;
    metrics.gauge("tls_expiry_seconds", "Until the certificate of TLS_CERT_FILE expires", left);
  }
  return settings.ROLES.includes("writer") ? exposeRedis(settings, metrics, log) : nothing;
}

const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };

/** By the writers alone, so that the figures do not cost a connection for each gateway. */
function exposeRedis({ REDIS_URL: url }: Settings, metrics: Metrics, log: Logger): AsyncDisposable {
  if (url === undefined) return nothing;
  const redis = watchRedis({ url, log });
  const unknown = Number.NaN;
  metrics.gauge("redis_memory_bytes", "Memory that Redis uses", () => redis.state?.usedBytes ?? unknown);
  metrics.gauge("redis_memory_max_bytes", "The maxmemory of Redis; 0: none", () => redis.state?.maxBytes ?? unknown);
  metrics.gauge("redis_replicas", "Replicas that follow the master of Redis", () => redis.state?.replicas ?? unknown);
  return redis;
}

/** In ms since 1970. The HTTP host has read the file already. */
function expiryOf(file: string): number {
  return Date.parse(new X509Certificate(readFileSync(file)).validTo);
}
