import type { Settings } from "../settings.ts";
import { clockFinding } from "./clock.ts";
import { check, type Finding } from "./finding.ts";
import type { PostgresFacts } from "./postgres-facts.ts";
import { bytes, percent } from "./units.ts";

const BUSY_SHARE = 0.8;
/** Postgres refuses writes at 2.1 thousand million. */
const TRANSACTION_AGE_MAX = 1_000_000_000;
const BEHIND_MAX_BYTES = 268_435_456;
const HELD_MAX_BYTES = 1_073_741_824;

/** What Postgres must be so that what is committed stays, and goes on being committed. */
export function postgresFindings(facts: PostgresFacts, settings: Settings): Finding[] {
  return [
    clockFinding("postgres-clock", facts),
    check(!facts.isStandby, "fault", {
      name: "postgres-role",
      is: facts.isStandby ? "a standby" : "the primary",
      shouldBe: "the primary: a standby refuses writes",
      todo: "point DATABASE_URL at the primary",
    }),
    ...promiseFindings(facts, settings),
    ...slotFindings(facts),
    ...standbyFindings(facts),
    ...loadFindings(facts),
  ];
}

function promiseFindings({ settings, checksumFailures }: PostgresFacts, { DURABLE }: Settings): Finding[] {
  const on = ["fsync", "full_page_writes"].map((name) => valueFinding(settings, name, (value) => value === "on", "on"));
  const synchronous = settings.get("synchronous_commit") ?? "";
  const standbys = settings.get("synchronous_standby_names") ?? "";
  return [
    ...on,
    valueFinding(settings, "synchronous_commit", (value) => value !== "off", "on: with `off` a crash loses accounts"),
    check(settings.get("data_checksums") === "on", "warning", {
      name: "postgres-checksums",
      is: `data_checksums ${settings.get("data_checksums")}`,
      shouldBe: "on: without them nobody notices a page that the disk has changed",
      todo: "stop Postgres and run pg_checksums --enable",
    }),
    check(checksumFailures === 0, "fault", {
      name: "postgres-checksum-failures",
      is: `${checksumFailures} pages with a wrong checksum`,
      shouldBe: "0",
      todo: "replace the disk, and restore the newest backup on another one",
    }),
    check(DURABLE === "local" || (standbys !== "" && synchronous !== "local"), "fault", {
      name: "postgres-durable",
      is: `DURABLE=${DURABLE}, synchronous_standby_names '${standbys}'`,
      shouldBe: "a synchronous standby, because DURABLE=replica promises a second machine",
      todo: "set synchronous_standby_names, or DURABLE=local",
    }),
  ];
}

function valueFinding(
  settings: PostgresFacts["settings"],
  name: string,
  isFine: (value: string) => boolean,
  shouldBe: string,
): Finding {
  const value = settings.get(name) ?? "";
  return check(isFine(value), "fault", {
    name: `postgres-${name.replaceAll("_", "-")}`,
    is: `${name} ${value}`,
    shouldBe,
    todo: `ALTER SYSTEM RESET ${name}, look for it in postgresql.conf, then SELECT pg_reload_conf()`,
  });
}

function slotFindings({ slots, settings }: PostgresFacts): Finding[] {
  const isBounded = settings.get("max_slot_wal_keep_size") !== "-1";
  const lost = slots.filter(({ status }) => status === "lost" || status === "unreserved");
  const idle = slots.filter(({ active, held }) => !active && held > HELD_MAX_BYTES);
  const shown = slots.map(({ name, active, held, status }) => {
    return `${name} ${active ? "in use" : "not in use"}, keeps ${bytes(held)}, ${status}`;
  });
  return [
    check(slots.length === 0 || isBounded, "fault", {
      name: "postgres-slot-bound",
      is: isBounded ? "max_slot_wal_keep_size is set" : "max_slot_wal_keep_size -1",
      shouldBe: "a bound, such as 2GB: a receiver that is gone fills the disk of the primary",
      todo: "ALTER SYSTEM SET max_slot_wal_keep_size = '2GB', then SELECT pg_reload_conf()",
    }),
    check(lost.length === 0 && idle.length === 0, "fault", {
      name: "postgres-slots",
      is: shown.length === 0 ? "no replication slot" : shown.join("; "),
      shouldBe: `each in use, or keeping less than ${bytes(HELD_MAX_BYTES)}; none lost`,
      todo: "start what receives it, or drop it: SELECT pg_drop_replication_slot(NAME)",
    }),
  ];
}

function standbyFindings({ standbys, settings }: PostgresFacts): Finding[] {
  const wanted = settings.get("synchronous_standby_names") ?? "";
  const unseen = standbys.some(({ state }) => state === null);
  const hasSynchronous = standbys.some(({ sync }) => sync === "sync" || sync === "quorum");
  const behind = standbys.filter((one) => one.behind !== null && one.behind > BEHIND_MAX_BYTES);
  const shown = standbys.map(({ name, sync, behind }) => `${name} ${sync ?? "?"}, ${bytes(behind ?? 0)} behind`);
  const is = shown.length === 0 ? "no standby" : shown.join("; ");
  return [
    check(behind.length === 0, "warning", {
      name: "postgres-standbys",
      is,
      shouldBe: `each less than ${bytes(BEHIND_MAX_BYTES)} behind`,
      todo: "look at the network and the disk of the standby",
    }),
    check(wanted === "" || hasSynchronous || unseen, "fault", {
      name: "postgres-synchronous",
      is: wanted === "" ? "no synchronous standby is asked for" : `synchronous_standby_names '${wanted}'; ${is}`,
      shouldBe: "a standby that is synchronous: without one every write of the api waits",
      todo: "start the standby, or empty synchronous_standby_names",
    }),
  ];
}

function loadFindings({ settings, connections, transactionAge }: PostgresFacts): Finding[] {
  const max = Number(settings.get("max_connections"));
  return [
    check(connections < max * BUSY_SHARE, "warning", {
      name: "postgres-connections",
      is: `${connections} of ${max} connections`,
      shouldBe: `under ${percent(BUSY_SHARE)}: the next process would be refused`,
      todo: "raise max_connections, or lower DATABASE_POOL_MAX",
    }),
    check(transactionAge < TRANSACTION_AGE_MAX, "fault", {
      name: "postgres-transaction-age",
      is: `${Math.round(transactionAge / 1_000_000)} million transactions since the oldest was frozen`,
      shouldBe: `under ${TRANSACTION_AGE_MAX / 1_000_000} million: at 2,100 Postgres refuses writes`,
      todo: "see what keeps autovacuum: long transactions, old slots, prepared transactions; run VACUUM (FREEZE)",
    }),
  ];
}
