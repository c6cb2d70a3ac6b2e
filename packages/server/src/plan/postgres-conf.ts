import type { Load, Machine } from "./load.ts";
import type { Plan } from "./plan.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const WAL_MAX_GIB = 16;
/** Connections of a process, as DATABASE_POOL_MAX and docker-compose.yml have them. */
const POOLS = { gateway: 4, api: 10, writer: 4 } as const;
const OPERATORS = 20;

const inMib = (bytes: number): string => `${Math.max(1, Math.floor(bytes / MIB))}MB`;
const clamp = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

/** What differs from `infra/postgres/postgresql.conf` on a machine that has Postgres alone. */
export function postgresConf({ cores, memoryBytes }: Machine, plan: Plan, { meanPerSecond }: Load): string {
  const processes = plan.gateways * POOLS.gateway + plan.apis * POOLS.api + plan.writers * POOLS.writer;
  const perCheckpoint = (plan.postgres.walBytesPerDay / 86_400) * 900;
  const lines: readonly (readonly [string, string | number])[] = [
    ["max_connections", Math.ceil((processes + OPERATORS) / 10) * 10],
    ["shared_buffers", inMib(memoryBytes / 4)],
    ["effective_cache_size", inMib((memoryBytes * 3) / 4)],
    ["work_mem", inMib(clamp(4 * MIB, memoryBytes / 512, 64 * MIB))],
    ["maintenance_work_mem", inMib(clamp(64 * MIB, memoryBytes / 16, 2 * GIB))],
    ["wal_buffers", "16MB"],
    ["min_wal_size", "256MB"],
    ["max_wal_size", inMib(clamp(2 * GIB, perCheckpoint * 6, WAL_MAX_GIB * GIB))],
    ["max_slot_wal_keep_size", inMib(clamp(2 * GIB, perCheckpoint * 12, WAL_MAX_GIB * 2 * GIB))],
    ["max_worker_processes", Math.max(8, cores)],
    ["max_parallel_workers", cores],
    ["autovacuum_max_workers", clamp(3, Math.floor(cores / 4), 8)],
  ];
  return [
    `# For ${cores} cores and ${inMib(memoryBytes)}, which Postgres has alone, and ${Math.round(meanPerSecond)} messages a second on average.`,
    "# The rest is in infra/postgres/postgresql.conf: include that file first.",
    ...lines.map(([name, value]) => `${name} = ${value}`),
    "",
  ].join("\n");
}
