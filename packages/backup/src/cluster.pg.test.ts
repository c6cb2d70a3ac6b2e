import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createLocalStorage } from "@hubbub/files";
import type { PublicUser, RoomId } from "@hubbub/protocol";
import { createPostgresStore, type Store } from "@hubbub/store";
import { eventually, installPackage, type PostgresService, query, startPostgres, succeeds } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createRoom, createUser, fromDirectory, KEYS, keep, say } from "../test/world.ts";
import { backUp } from "./backup.ts";
import { assertContents, takeBase } from "./base-backup.ts";
import { clusterOf } from "./cluster-id.ts";
import { clusterMeans } from "./cluster-restore.ts";
import { CONTENT, contentName } from "./content.ts";
import { ContentKeeper } from "./content-keeper.ts";
import { ledgerLines, readLedger } from "./ledger.ts";
import { pack } from "./pack.ts";
import { Program } from "./postgres-programs.ts";
import { RestoreRefused } from "./refusals.ts";
import { type RestoreMeans, restore } from "./restore.ts";
import { createSeal, makeIdentity } from "./seal.ts";
import { parseTarget } from "./target.ts";
import { WalReceiver } from "./wal-receiver.ts";
import { WalShipper } from "./wal-shipper.ts";

const DEFAULTS = { region: "us-east-1", accessKeyId: "key", secretAccessKey: "secret" };
const slow = { timeoutMs: 30_000 };

let folder: string;
let postgres: PostgresService;
let url: string;
let store: Store;
let room: RoomId;
let owner: PublicUser;
let isOpen = false;
let identity: string;
let recipient: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-backup-"));
  if (!(await succeeds("age", ["--version"]))) await installPackage("age");
  identity = join(folder, "identity");
  recipient = await makeIdentity(identity);
  // The account `postgres` must be able to traverse this directory.
  await chmod(folder, 0o711);
  postgres = await startPostgres({ durable: false });
  url = await postgres.createDatabase("hubbub");
  store = createPostgresStore({ url, poolMax: 3, statementTimeoutMs: 30_000, applicationName: "test" });
  isOpen = true;
  await store.migrate();
  ({ room, owner } = await createRoom(store));
});
afterAll(async () => {
  if (isOpen) await store[Symbol.asyncDispose]();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

function restoring(into: string, given: Parameters<typeof fromDirectory>[2] = {}) {
  const adopt: RestoreMeans["adopt"] = async (database, how) =>
    `generation ${(await database.store.cluster.adopt(how)).generation}`;
  const means = clusterMeans({ databaseUrl: url, adopt });
  return fromDirectory(join(folder, "target"), join(folder, into), { means, identity, ...given });
}

async function addFile(hash: string): Promise<void> {
  await query(url, "insert into hubbub.file_contents (hash) values ($1)", [hash]);
  const columns = "id, room_id, user_id, upload_id, hash, name, type, bytes, cost, stored_at";
  const values = "gen_random_uuid(), $1, $2, $3, $3, 'name', 'text/plain', 8, 8, now()";
  await query(url, `insert into hubbub.files (${columns}) values (${values})`, [room, owner.id, hash]);
}

/** What a restored database has, while its server runs. */
function looking() {
  const seen: { texts: unknown[]; members: unknown[]; archives?: unknown } = { texts: [], members: [] };
  const verify = async (restored: string | null) => {
    const asked = async (text: string, values = [room]) =>
      ((await query(restored ?? "", text, values)) as { readonly value: unknown }[]).map(({ value }) => value);
    seen.texts = await asked("select text as value from hubbub.events where room_id = $1 order by seq");
    seen.members = await asked("select user_id as value from hubbub.members where room_id = $1");
    [seen.archives] = await asked("select current_setting('archive_mode') as value", []);
    return true;
  };
  return { seen, verify };
}

async function refusal(into: string, given: Parameters<typeof fromDirectory>[2] = {}): Promise<string> {
  const error = await restore(await restoring(into, given)).catch((thrown: unknown) => thrown);
  expect(await readdir(join(folder, into)).catch(() => [])).toEqual([]);
  return String(error);
}

test("base and log bring back what was committed before the disk was lost, and an earlier time to the commit", async () => {
  const [spool, work, target] = ["wal", "work", "target"].map((name) => join(folder, name)) as [string, string, string];
  const targets = [`file:${target}`, "s3:http://127.0.0.1:1/away"].flatMap((text) => parseTarget(text, DEFAULTS) ?? []);
  const source = { databaseUrl: url, replicationUrl: url };
  const cluster = await clusterOf(url);
  const shipper = new WalShipper({
    spool,
    targets,
    seal: createSeal([recipient]),
    life: { cluster, generation: 0 },
    maxFiles: 128,
    patienceMs: 60_000,
  });
  await mkdir(work);
  const faults: string[] = [];
  const onFault = (fault: string) => void faults.push(fault);
  const onGap = () => void faults.push("gap");
  // The spool has log of another history of the database, which Postgres cannot continue.
  await mkdir(spool);
  await writeFile(join(spool, "0000000100000000000000F0"), Buffer.alloc(16_777_216));
  const receiver = new WalReceiver({ source, spool, onFault, onGap });
  await eventually(() => expect(receiver.isReceiving).toBe(true), slow);
  expect(faults).toEqual([expect.stringContaining("is ahead of the WAL flush position"), "gap"]);
  expect(await readdir(spool)).not.toContain("0000000100000000000000F0");
  const second = new WalReceiver({ source, spool: join(folder, "wal-2"), onFault, onGap });
  const stop = () => Promise.all([receiver, second].map((one) => one[Symbol.asyncDispose]()));
  onTestFinished(() => stop().then(() => undefined));
  await say(store, room, owner, "before the base");
  await eventually(
    async () => expect((await readdir(spool)).some((name) => name.endsWith(".partial"))).toBe(true),
    slow,
  );
  await shipper.ship(work);
  await assertContents(url, undefined);
  await addFile("e".repeat(64));
  await expect(assertContents(url, undefined)).rejects.toThrow("set FILES_DIR or FILES_S3_URL as every api has it");
  // They reach the postgresql.auto.conf of the base.
  const foreign = ["restore_command to 'false'", "recovery_target_name to 'never'", "archive_mode to 'on'"];
  for (const setting of foreign) await query(url, `alter system set ${setting}`);
  const { deliveries, catalogue } = await backUp(
    {
      ...{ kind: "cluster", files: undefined, keys: async () => KEYS, ledger: () => ledgerLines(store) },
      database: (into, seal) => takeBase(source, into, seal),
    },
    { targets, recipients: [recipient], build: "0.1.0", spool: work, mayRemove: () => true },
  );
  expect(deliveries).toMatchObject([{ fault: null }, { fault: expect.stringContaining("cannot be used") }]);
  // The target has the beginning of the segment in which the base ends.
  expect(await refusal("too-early")).toContain(`the log that ${catalogue.id} needs has not arrived: 1 segments`);
  expect(await refusal("too-early", { wanted: { id: catalogue.id } })).toContain("needs has not arrived");

  // The content of one is uploaded after the base. That of the other one, and of the one before, is lost.
  const storage = await createLocalStorage({ directory: join(folder, "files"), keepFreeBytes: 0 });
  const uploaded = await keep(storage, Buffer.from("uploaded"));
  for (const hash of [uploaded, "f".repeat(64)]) await addFile(hash);
  const contents = new ContentKeeper({ storage, targets, seal: createSeal([recipient]), onFault });
  contents.begin();
  const copied = join(target, `${contentName(uploaded)}.age`);
  await eventually(async () => expect(await readFile(copied)).not.toHaveLength(0), slow);
  await contents.close();
  expect(faults).toContain("s3:http://127.0.0.1:1/away");

  const removed = await createUser(store);
  await store.members.add(room, removed.id, "member");
  await say(store, room, owner, "in time");
  await query(url, "select pg_switch_wal()");
  const [{ at }] = (await query(url, "select clock_timestamp() as at")) as [{ at: Date }];
  await say(store, room, owner, "too late");
  await store.members.remove(room, removed.id, { by: owner.id });
  const ledger = await readLedger(ledgerLines(store));
  await say(store, room, owner, "last");
  const [{ lsn }] = (await query(url, "select pg_current_wal_flush_lsn()::text as lsn")) as [{ lsn: string }];
  const received =
    "select flush_lsn >= $1::pg_lsn as all from pg_stat_replication where application_name = 'pg_receivewal'";
  await eventually(async () => expect(await query(url, received, [lsn])).toEqual([{ all: true }]), slow);
  expect(await shipper.ship(work)).toBe(false);
  expect(shipper.faults).toEqual([{ target: "s3:http://127.0.0.1:1/away", fault: expect.stringContaining("cannot") }]);
  expect(faults.join()).toContain('replication slot "hubbub_backup" is active');
  await store[Symbol.asyncDispose]();
  isOpen = false;
  await postgres.kill();
  await stop();
  await shipper.close();

  expect(await refusal("sealed", { identity: undefined })).toContain(`sealed for ${recipient}: give the file`);
  const latest = looking();
  const report = await restore(await restoring("latest", latest));
  const texts = ["before the base", "in time", "too late", "last"];
  expect(latest.seen).toEqual({ texts, members: [owner.id], archives: "off" });
  expect(report).toMatchObject({
    adopted: "generation 1",
    isClean: true,
    replayed: { acts: 0 },
    contents: { files: 1, missing: 2 },
  });
  expect(await readFile(join(folder, "latest", contentName(uploaded).replace(CONTENT, "files/content/")), "utf8")).toBe(
    "uploaded",
  );
  expect(report.steps.map(({ name }) => name)).toContain("replay the log");
  expect((await readdir(join(folder, "latest"))).sort()).toEqual(["data", "files", "keys.json"]);

  const early = looking();
  await restore(await restoring("early", { ...early, wanted: at, ledger }));
  expect(early.seen).toMatchObject({ texts: ["before the base", "in time"], members: [owner.id] });
  expect(await refusal("future", { wanted: new Date(Date.now() + 60_000) })).toContain("ends before that time");

  const asked: Date[] = [];
  const live = async (_catalogue: unknown, to: Date) => {
    asked.push(to);
    throw new RestoreRefused(["seen"]);
  };
  await refusal("asked", { live });
  await refusal("asked", { live, wanted: { id: catalogue.id } });
  expect(asked.map((to) => to > at)).toEqual([true, false]);

  const log = join(target, "wal", `${catalogue.cluster}-0`);
  const wal = (await readdir(log)).filter((name) => /^[0-9A-F]{24}\.gz\.age$/.test(name)).sort();
  const last = join(log, wal.at(-1) ?? "");
  await pack(Readable.from([Buffer.alloc(16_777_216)]), last.replace(/\.age$/, ""), createSeal([recipient]));
  expect(await refusal("damaged")).toMatch(
    /replayed the log to \S+ alone, and not [0-9A-F]{24}, the last whole segment/,
  );

  const links = join(folder, "links");
  await mkdir(links);
  await symlink("/etc/hostname", join(links, "outside"));
  const base = join(target, "backups", catalogue.id);
  const tar = new Program("tar", ["-c", "-C", links, "."], { PATH: "/usr/bin:/bin" });
  const { path: _, ...database } = await pack(tar.output(), join(base, "base.tar.gz"), createSeal([recipient]));
  await writeFile(join(base, "backup.json"), JSON.stringify({ ...catalogue, database }));
  expect(await refusal("linked")).toContain("the base has the link outside");

  await rm(last);
  expect(await refusal("hole")).toContain("the log of the backup has a hole: 1 segments are missing");
  expect(catalogue.wal).toMatchObject({ timeline: 1, segmentBytes: 16_777_216 });
}, 180_000);
