import { loadavg } from "node:os";
import { type Cluster, type ClusterEvent, eventually, query, startCluster } from "@hubbub/testkit";
import type { Recovery } from "./fault.ts";

export const LARGE_RESTORE = "restore-large";

const ROOM_EVENTS = 10_000;
const ROOMS_AT_ONCE = 10;
const MILLION = 1_000_000;
const SMALL_MAX_MS = 60_000;
const LARGE_MAX_MS = 300_000;
const KEPT = { timeoutMs: 1_800_000, intervalMs: 2_000 };

/** One restore of a store of this size. */
export interface LargeRestore {
  readonly stored: number;
  /** ISO 8601. */
  readonly on: string;
  readonly steps: Recovery["steps"];
  readonly maxMs: number;
  readonly databaseBytes: number;
  readonly baseBytes: number;
  /** Load average of the machine before the restore. */
  readonly load: number;
  readonly isClean: boolean;
  /** What the command printed. */
  readonly told: string;
}

/** Step lines of `hubbub restore` and `hubbub drill restore`. */
export function stepsOf(told: string): Recovery["steps"] {
  const lines = told.matchAll(/^ {2}(\S.*?) +(\d+\.\d) s$/gm);
  return [...lines].map(([, name = "", seconds]) => ({ name, ms: Number(seconds) * 1_000 }));
}

/** Fills a cluster with messages, backs it up, and restores that beside the cluster. Rows do not go through the log. */
export async function restoreLarge(wanted: number, print: (line: string) => void): Promise<LargeRestore> {
  const stored = Math.ceil(wanted / ROOM_EVENTS) * ROOM_EVENTS;
  const onEvent = (event: ClusterEvent) => {
    if (event.type === "progress") print(event.message);
  };
  await using cluster = await startCluster({ gateways: 1, writers: 1, takesBackups: true, onEvent });
  await fillWithoutBackups(cluster, stored);
  const [{ bytes }] = (await query(
    cluster.databaseUrl,
    "select pg_database_size(current_database())::float8 as bytes",
  )) as [{ bytes: number }];
  print(`${stored.toLocaleString("en")} events are stored; waiting for their backup`);
  const baseBytes = await backedUp(cluster);
  const load = loadavg()[0] ?? 0;
  print("restoring it beside the cluster");
  const told = await cluster.command("drill", "restore", "--from", "1").catch((error: unknown) => {
    const { stdout }: { stdout?: unknown } = Object(error);
    if (typeof stdout === "string" && stdout !== "") return stdout;
    throw error;
  });
  const maxMs = stored <= MILLION ? SMALL_MAX_MS : LARGE_MAX_MS;
  const facts = { stored, on: new Date().toISOString(), maxMs, databaseBytes: bytes, baseBytes, load, told };
  return { ...facts, steps: stepsOf(told), isClean: /^ {2}clean: /m.test(told) };
}

/** The log of the filling is not what is measured: the role begins anew after it. */
async function fillWithoutBackups(cluster: Cluster, stored: number): Promise<void> {
  await Promise.all(cluster.backups.map((process) => process.hold()));
  const slots = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active";
  await query(cluster.postgres.url, slots);
  await fill(cluster.databaseUrl, stored);
  for (const process of cluster.backups) process.release();
}

async function fill(url: string, stored: number): Promise<void> {
  const rooms = Math.ceil(stored / ROOM_EVENTS);
  await query(url, "insert into hubbub.users (id, username, password_hash) values (gen_random_uuid(), 'author', 'x')");
  await query(
    url,
    `insert into hubbub.rooms (id, name, name_key, visibility, topic, created_by, epoch)
     select gen_random_uuid(), 'room' || n, 'room' || n, 'public', '', (select id from hubbub.users where username = 'author'), 1
     from generate_series(1, $1::int) n`,
    [rooms],
  );
  await query(url, "insert into hubbub.room_epochs (room_id, epoch, head) select id, 1, 0 from hubbub.rooms");
  for (let first = 1; first <= rooms; first += ROOMS_AT_ONCE)
    await query(
      url,
      `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
       select r.id, n, 1, (extract(epoch from now()) * 1000)::bigint, 'message', r.created_by, gen_random_uuid()::text,
         (select string_agg(md5(random()::text || n || part), '') from generate_series(1, 6) part)
       from hubbub.rooms r cross join generate_series(1, ${ROOM_EVENTS}) n
       where r.name = any (select 'room' || k from generate_series($1::int, $2::int) k)`,
      [first, Math.min(first + ROOMS_AT_ONCE - 1, rooms)],
    );
}

/** A base that began after the filling, with its log. Answers its bytes. */
async function backedUp(cluster: Cluster): Promise<number> {
  await eventually(() => cluster.command("backup", "now"), KEPT);
  const listed = await cluster.command("backup", "list", "--json");
  const newest = JSON.parse(listed.trim().split("\n").at(-1) ?? "{}") as {
    readonly database: { readonly bytes: number };
  };
  return newest.database.bytes;
}

export function isWithin({ steps, maxMs, isClean }: LargeRestore): boolean {
  return isClean && (steps.at(-1)?.ms ?? Number.POSITIVE_INFINITY) <= maxMs;
}

/** A section of `docs/recovery.md`. */
export function describeLarge(restores: readonly LargeRestore[]): string {
  const names = [...new Set(restores.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  return `## Large restores

\`npm run drill -- ${LARGE_RESTORE} --stored N\` fills a cluster with N messages of 192 characters, in rooms of ${ROOM_EVENTS.toLocaleString("en")}, takes a backup, and runs
\`hubbub drill restore\` beside the cluster, which does nothing else. 60 s are allowed for a million, 5 minutes for ten. The text is random, so
that it compresses as little as it can; there are no files, changes or documents of search.

| events | on | database | base | load average | ${names.join(" | ")} | allowed | verdict |
|--:|---|--:|--:|--:|${names.map(() => "--:").join("|")}|--:|---|
${restores.map((one) => rowOf(one, names)).join("\n")}
`;
}

function rowOf(one: LargeRestore, names: readonly string[]): string {
  const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(0)} MiB`;
  const times = names.map(
    (name) => `${((one.steps.find((step) => step.name === name)?.ms ?? 0) / 1_000).toFixed(1)} s`,
  );
  const sizes = [mebibytes(one.databaseBytes), mebibytes(one.baseBytes), one.load.toFixed(1)];
  const verdict = one.isClean ? "clean" : "**not clean**";
  return `| ${[one.stored.toLocaleString("en"), one.on.slice(0, 10), ...sizes, ...times, `${one.maxMs / 1_000} s`, verdict].join(" | ")} |`;
}
