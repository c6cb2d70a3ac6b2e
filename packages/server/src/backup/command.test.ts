import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type BackupSource, backUp } from "@hubbub/backup";
import { type EventId, newId, type PublicUser, type RoomId } from "@hubbub/protocol";
import { createLogger, createMetrics } from "@hubbub/runtime";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { parseSettings } from "../settings.ts";
import { parseBackupArguments, parseDrillArguments, parseRestoreArguments } from "./arguments.ts";
import { BackupAges } from "./backup-ages.ts";
import { backupCommand } from "./backup-command.ts";
import { drillCommand } from "./drill-command.ts";
import { embeddedSource } from "./embedded-source.ts";
import { assertStopped, liveCluster } from "./live.ts";
import { restoreCommand } from "./restore-command.ts";
import { ScheduledBackups } from "./scheduled.ts";
import { targetsOf } from "./settings.ts";

const KEYS = new Map([["keys.json", Buffer.from("signing keys")]]);
const SILENT = createLogger({ level: "silent", node: "test" });

test("a target without a backup has one of infinite age, and so has a target that does not answer", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-backup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const targets = [`file:${join(folder, "empty")}`, "s3:http://127.0.0.1:1/bucket"];
  const settings = parseSettings({ BACKUP_TARGETS: targets.join(","), BACKUP_EVERY_MINUTES: "30" });
  const metrics = createMetrics();
  using ages = new BackupAges({ settings, metrics, log: SILENT, cluster: async () => "77" });
  await ages.look();
  const text = await metrics.text();
  for (const target of targets) expect(text).toContain(`hubbub_backup_age_seconds{target="${target}"} +Inf`);
  expect(text).toContain("hubbub_backup_age_limit_seconds 3600");
}, 30_000);

test("backup takes an act, and restore a target, a directory and a time", () => {
  expect(parseBackupArguments(["now"])).toEqual({ act: "now", isJson: false, isAll: false });
  expect(parseBackupArguments(["check", "--all"])).toMatchObject({ act: "check", isAll: true });
  for (const wrong of [[], ["later"], ["now", "later"], ["now", "--fast"]])
    expect(parseBackupArguments(wrong)).toBeNull();
  const restoring = ["--from", "1", "--into", "d"];
  expect(parseRestoreArguments(restoring)).toMatchObject({ from: "1", into: "d", to: "latest", discardNewer: false });
  expect(parseRestoreArguments([...restoring, "--to", "2026-11-27T10:00:00Z"])).toMatchObject({
    to: new Date("2026-11-27T10:00:00Z"),
  });
  for (const wrong of [
    ["--from", "1"],
    [...restoring, "--to", "2026-11-27"],
    [...restoring, "--force"],
  ])
    expect(parseRestoreArguments(wrong)).toBeNull();
  expect(parseDrillArguments(["restore"])).toMatchObject({ from: undefined, to: "latest", directory: tmpdir() });
  for (const wrong of [[], ["backup"], ["restore", "--into", "d"], ["restore", "restore"]])
    expect(parseDrillArguments(wrong)).toBeNull();
});

test("a backup that is demanded while one is taken follows it, once", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = await mkdtemp(join(tmpdir(), "hubbub-backup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const settings = parseSettings({ DATA_DIR: join(folder, "data"), BACKUP_TARGETS: `file:${join(folder, "target")}` });
  const path = join(folder, "database");
  await writeFile(path, "rows");
  const packed = { name: "database.tar.gz", path, bytes: 4, sha256: "a".repeat(64) };
  const facts = { cluster: "77", generation: 0, schema: 1, postgres: "18", rooms: 0, highestEpoch: 0 };
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const source: BackupSource = {
    ...{ kind: "embedded", files: undefined, keys: async () => new Map(), ledger: () => Readable.from([]) },
    async database() {
      begun += 1;
      await held;
      return { packed, facts: { ...facts, takenAt: new Date().toISOString() }, wal: null, byHand: [] };
    },
  };
  const backups = new ScheduledBackups(source, settings, createLogger({ level: "silent", node: "test" }));
  const first = backups.now();
  expect(begun).toBe(0);
  await expect.poll(() => begun).toBe(1);
  backups.demand();
  release();
  expect((await first).deliveries).toMatchObject([{ fault: null }]);
  await expect
    .poll(() => {
      vi.advanceTimersByTime(5_000);
      return begun;
    })
    .toBe(2);
  await expect.poll(() => readdir(join(settings.DATA_DIR, "backup-spool"))).toEqual([]);
  vi.advanceTimersByTime(60_000);
  await backups.close();
  expect(begun).toBe(2);
});

/** Stores messages with these seqs, accepted now. */
async function say(store: Store, room: RoomId, by: PublicUser, ...seqs: readonly number[]): Promise<void> {
  const lease = await store.shards.acquire(0, "writer", 60_000);
  if (lease === null) throw new Error("the shard is taken");
  const events = seqs.map((seq) => {
    const head = { type: "event", room, epoch: 1, seq, at: Date.now() } as const;
    return { ...head, by, kind: "message", id: newId<EventId>(), text: "text" } as const;
  });
  await store.events.append({ lease, offset: `${seqs[0]}-0`, events });
}

test("a directory that is newer than the backup is counted and refused, unless that is said to be discarded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-backup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const settings = parseSettings({ DATA_DIR: join(folder, "data"), BACKUP_TARGETS: `file:${join(folder, "target")}` });
  await expect(backupCommand(settings, { act: "now", isJson: false, isAll: false }, () => undefined)).rejects.toThrow(
    "there is nothing in",
  );
  await mkdir(settings.DATA_DIR, { mode: 0o700 });
  const store = await createEmbeddedStore({
    dataDir: join(settings.DATA_DIR, "postgres"),
    image: inject("storeImage"),
  });
  const options = {
    ...{ targets: targetsOf(settings), recipients: [], build: "0.1.0", spool: join(folder, "spool") },
    mayRemove: () => true,
  };
  const source = { ...embeddedSource(settings, store, undefined), keys: async () => KEYS };
  const ada = await store.users.create({ username: "ada", passwordHash: "hash" });
  const shape = { name: "room", visibility: "public", topic: "", createdBy: ada.id } as const;
  const { id: room } = await store.rooms.create(shape);
  await store.rooms.beginEpoch(room, 0, 0);
  await say(store, room, ada, 1);
  const { deliveries } = await backUp(source, options);
  expect(deliveries).toMatchObject([{ fault: null }]);
  await store.users.create({ username: "bob", passwordHash: "hash" });
  await say(store, room, ada, 2, 3);
  await store[Symbol.asyncDispose]();

  const metrics = createMetrics();
  using ages = new BackupAges({ settings, metrics, log: SILENT, cluster: async () => null });
  const untested = async () => {
    await ages.look();
    return Number(/^hubbub_backup_untested_seconds\{.*\} (.*)$/m.exec(await metrics.text())?.[1]);
  };
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await untested()).toBeGreaterThan(3_599);
  expect(await metrics.text()).toMatch(/^hubbub_backup_age_seconds\{target="file:.*"\} 36\d\d/m);

  const drilled = join(folder, "drilled");
  const drill = async () => {
    const drilling = parseDrillArguments(["restore", "--directory", drilled]);
    if (drilling === null) throw new Error("not understood");
    const output = { stdout: new PassThrough(), stderr: new PassThrough() };
    const code = await drillCommand(settings, drilling, output);
    expect(await readdir(drilled)).toEqual([]);
    output.stdout.end();
    return { code, said: await text(output.stdout) };
  };
  const clean = await drill();
  expect(clean.said).toMatch(/1 event in 1 room, 0 files and 0 missing\n {2}the live database had 2 events more/);
  expect(clean.said).toMatch(
    /the oldest one 36\d\d\.\d s old\n {2}look .*\n {2}clean: the backup is marked as tested\n$/s,
  );
  expect(clean.code).toBe(0);
  expect(await untested()).toBe(0);
  const backup = join(folder, "target", "backups", (await readdir(join(folder, "target", "backups"))).join());
  await rm(join(backup, "tested.json"));

  const args = parseRestoreArguments(["--from", "1", "--into", join(folder, "restored")]);
  if (args === null) throw new Error("not understood");
  const output = { stdout: new PassThrough(), stderr: new PassThrough() };
  await expect(restoreCommand(settings, args, output)).rejects.toThrow(
    /would throw away 2 events \(newest \S+\), 1 account, 0 sessions, 0 removals; --discard-newer/,
  );
  expect(await restoreCommand(settings, { ...args, discardNewer: true }, output)).toBe(0);
  expect(await untested()).toBeLessThan(60);
  output.stdout.end();
  const said = await text(output.stdout);
  expect(said).toContain("generation 1: 1 rooms are numbered anew");
  expect(said).toMatch(/verify +\d+\.\d s\n +in all +\d+\.\d s\n/);
  const lines: string[] = [];
  const list = { act: "list", isJson: false, isAll: false } as const;
  expect(await backupCommand(settings, list, (line) => void lines.push(line))).toBe(0);
  expect(lines.join("")).toMatch(/generation 0, 1 rooms, 0 files, \d+\.\d MiB, plain, tested\n$/);

  await rm(join(backup, "tested.json"));
  await truncate(join(backup, "database.tar.gz"), 1_000);
  expect(await drill()).toMatchObject({ code: 1, said: expect.stringContaining("cannot be restored: nothing was") });
  expect(await untested()).toBeGreaterThan(3_599);
}, 120_000);

/** Answers each connection as a Postgres that has no more of them. */
async function fullPostgres() {
  const fields = Buffer.from("SFATAL\0C53300\0Mtoo many clients\0\0");
  const length = Buffer.alloc(4);
  length.writeInt32BE(length.length + fields.length);
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", () => socket.end(Buffer.concat([Buffer.from("E"), length, fields])));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `postgres://hubbub@127.0.0.1:${port}/hubbub`, close: () => once(server.close(), "close") };
}

test("a Postgres that nothing answers for is lost, and one that is full is not: then only --discard-newer restores", async () => {
  const { url, close } = await fullPostgres();
  const settings = parseSettings({ DATABASE_URL: url, REDIS_URL: "redis://127.0.0.1:1" });
  const how = { to: new Date(), keepLog: true };
  await expect(liveCluster(settings, url, how)).rejects.toThrow(/what is newer \(too many clients\).*--discard-newer/);
  await expect(assertStopped(settings, false)).rejects.toThrow("too many clients");
  await assertStopped(settings, true);
  await close();
  const several = url.replace(/@([^/]+)/, "@127.0.0.1:1,$1");
  for (const lost of [url, several])
    expect(await liveCluster(settings, lost, how), lost).toEqual({ live: null, inLog: null });
  await assertStopped(settings, false);
  await expect(liveCluster(settings, url, { ...how, keepLog: false })).rejects.toThrow("REDIS_URL could not be asked");
});
