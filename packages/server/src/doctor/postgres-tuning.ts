import { check, type Finding } from "./finding.ts";
import type { PostgresFacts } from "./postgres-facts.ts";
import { bytes } from "./units.ts";

const MIB = 1_048_576;
const PAGE = 8_192;
const KIB = 1_024;

interface Tuning {
  readonly name: string;
  /** Of one unit of `pg_settings`. */
  readonly unit: number;
  readonly least: number;
  readonly why: string;
}

/** As `infra/postgres/postgresql.conf` has them. `hubbub plan --postgres` writes those of a machine. */
const BYTES: readonly Tuning[] = [
  { name: "shared_buffers", unit: PAGE, least: 256 * MIB, why: "pages of busy rooms stay in memory" },
  { name: "wal_buffers", unit: PAGE, least: 16 * MIB, why: "the writer commits batches" },
  { name: "max_wal_size", unit: MIB, least: 2_048 * MIB, why: "fewer checkpoints" },
  { name: "maintenance_work_mem", unit: KIB, least: 64 * MIB, why: "vacuum of the tables of messages" },
];

/** What costs speed, or lets one client hold up others; nothing is lost by it. */
export function tuningFindings({ settings }: PostgresFacts): Finding[] {
  const small = BYTES.map(({ name, unit, least, why }) => {
    const value = Number(settings.get(name)) * unit;
    return check(value >= least, "warning", {
      name: `postgres-${name.replaceAll("_", "-")}`,
      is: `${name} ${bytes(value)}`,
      shouldBe: `${bytes(least)} or more: ${why}`,
      todo: `ALTER SYSTEM SET ${name}; infra/postgres/postgresql.conf has all of them`,
    });
  });
  const idle = Number(settings.get("idle_in_transaction_session_timeout"));
  return [
    ...small,
    check(idle > 0, "warning", {
      name: "postgres-idle-transactions",
      is: `idle_in_transaction_session_timeout ${idle} ms`,
      shouldBe: "30 s: a client that went away keeps its locks without it",
      todo: "ALTER SYSTEM SET idle_in_transaction_session_timeout = '30s', then SELECT pg_reload_conf()",
    }),
    check(settings.get("autovacuum") === "on", "fault", {
      name: "postgres-autovacuum",
      is: `autovacuum ${settings.get("autovacuum")}`,
      shouldBe: "on: tables grow without end, and in the end Postgres refuses writes",
      todo: "ALTER SYSTEM RESET autovacuum, then SELECT pg_reload_conf()",
    }),
  ];
}
