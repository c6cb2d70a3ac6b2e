import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalStorage, type Objects, openLocalObjects } from "@hubbub/files";
import type { PublicUser, RoomId } from "@hubbub/protocol";
import { createEmbeddedStore } from "@hubbub/store";
import { type S3Server, startS3Server } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createRoom, createUser, fromDirectory, KEYS, keep, openWorld, say, type World } from "../test/world.ts";
import { type BackupResult, backUp, type TakenDatabase } from "./backup.ts";
import { partName } from "./catalogue.ts";
import { listBackups } from "./catalogues.ts";
import { checkBackup } from "./check.ts";
import { contentName, contentsOf } from "./content.ts";
import { LedgerKeeper } from "./ledger-keeper.ts";
import { RestoreRefused } from "./refusals.ts";
import { restore } from "./restore.ts";
import { restoreContents } from "./restore-contents.ts";
import { createSeal } from "./seal.ts";
import { parseTarget, type Target } from "./target.ts";

let world: World;
let bucket: S3Server;
let target: string;
let targets: readonly Target[];
let result: BackupResult;
let room: RoomId;
let owner: PublicUser;
let file: string;
let removed: PublicUser;

beforeAll(async () => {
  world = await openWorld(inject("storeImage"));
  bucket = await startS3Server();
  target = join(world.folder, "target");
  const { endpoint, bucket: name, region, accessKeyId, secretAccessKey } = bucket.options;
  const defaults = { region, accessKeyId, secretAccessKey };
  const texts = [`file:${target}`, "s3:http://127.0.0.1:1/away", `s3:${endpoint}/${name}/hubbub`];
  targets = texts.flatMap((text) => parseTarget(text, defaults) ?? []);
  ({ room, owner } = await createRoom(world.store));
  removed = await createUser(world.store);
  await world.store.members.add(room, removed.id, "member");
  await say(world.store, room, owner, "one", "two", "three");
  file = await keep(world.files, randomBytes(200_000));
  result = await take();
});
afterAll(async () => {
  await bucket?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const take = () =>
  backUp(world.source, {
    ...{ targets, recipients: [], build: "0.1.0", spool: join(world.folder, "spool"), mayRemove: () => true },
  });

/** A copy of the target that a test may harm. */
async function copyOf(name: string): Promise<string> {
  const path = join(world.folder, name);
  await cp(target, path, { recursive: true });
  return path;
}

async function refusal(path: string, given: Parameters<typeof fromDirectory>[2] = {}): Promise<string> {
  const into = join(world.folder, `${crypto.randomUUID()}`);
  const error = await restore(await fromDirectory(path, into, given)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RestoreRefused);
  expect(await readdir(into).catch(() => [])).toEqual([]);
  return (error as Error).message;
}

test("a target that is away holds up no other, and the spool is empty again", async () => {
  expect(result.deliveries.map(({ fault, copied }) => ({ fault, copied }))).toEqual([
    { fault: null, copied: 1 },
    { fault: expect.stringContaining("cannot be used"), copied: 0 },
    { fault: null, copied: 1 },
  ]);
  expect(await readdir(join(world.folder, "spool"))).toEqual([]);
  expect(result.catalogue).toMatchObject({ rooms: 1, highestEpoch: 1, generation: 0, recipients: [] });
});

test("a target in which nothing can be removed has the whole backup all the same, and says so", async () => {
  const place = await openLocalObjects(join(world.folder, "no-removal"));
  const names: string[] = [];
  const stubborn: Objects = {
    put: (name, chunks) => place.put(name, chunks),
    read: (name) => place.read(name),
    async *list(folder) {
      // More ledgers than stay.
      if (folder.startsWith("ledger/")) for (const at of [1, 2, 3, 4]) yield { name: `${folder}${at}`, bytes: 1 };
      else yield* place.list(folder);
    },
    remove: () => Promise.reject(new Error("access denied")),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const source = { ...world.source, database: () => takeFrom(result) };
  const options = { targets: [{ label: "s3", open: async () => stubborn }], recipients: [], build: "0.1.0" };
  const attempt = (mayRemove: boolean) =>
    backUp(source, { ...options, spool: join(world.folder, "spool"), mayRemove: () => mayRemove });
  expect((await attempt(false)).deliveries).toMatchObject([{ fault: null, copied: 1, removed: [], kept: null }]);
  expect((await attempt(true)).deliveries).toMatchObject([{ fault: null, removed: [], kept: "access denied" }]);
  for await (const { name } of place.list("backups/")) names.push(name);
  expect(names.filter((name) => name.endsWith("backup.json"))).toHaveLength(1);
});

/** The database of a backup that was taken, once more. */
async function takeFrom({ catalogue }: BackupResult): Promise<TakenDatabase> {
  const path = join(target, partName(catalogue.id, catalogue.database.name));
  return { packed: { ...catalogue.database, path }, facts: catalogue, wal: null, byHand: [] };
}

test("both targets have the same backup, and a check finds it whole", async () => {
  for (const one of [targets[0], targets[2]]) {
    await using objects = (await one?.open()) ?? (await openLocalObjects(target));
    const { backups, faults } = await listBackups(objects);
    expect(faults).toEqual([]);
    expect(backups).toEqual([{ catalogue: result.catalogue, isTested: false }]);
    expect(await checkBackup(objects, result.catalogue)).toEqual([]);
  }
});

test("G6 a restore has every row, file and key, begins a new generation, and takes away again what was taken away", async () => {
  const { store } = world;
  await store.members.remove(room, removed.id, { by: owner.id });
  const erased = await createUser(store);
  await store.erasures.request(erased.id);
  await say(store, room, owner, "four");
  const later = await take();
  const into = join(world.folder, "restored");
  const objects = (await targets[2]?.open()) ?? (await openLocalObjects(target));
  const wanted = { id: result.catalogue.id };
  const report = await restore(await fromDirectory(target, into, { objects, wanted }));
  await objects[Symbol.asyncDispose]();
  expect(report.adopted).toBe("generation 1: 1 rooms are numbered anew, 0 sessions ended");
  expect(report).toMatchObject({ replayed: { acts: 1, left: 0 }, contents: { files: 1, missing: 0 } });
  expect((await readdir(into)).sort()).toEqual(["files", "keys.json", "postgres"]);
  expect(await readFile(join(into, "keys.json"))).toEqual(KEYS.get("keys.json"));
  expect((await stat(join(into, "keys.json"))).mode & 0o077).toBe(0);
  const storage = await createLocalStorage({ directory: join(into, "files"), keepFreeBytes: 0 });
  expect(await keep(storage, await readFile(join(target, contentName(file))))).toBe(file);

  await using copy = await createEmbeddedStore({ dataDir: join(into, "postgres") });
  const rows = await copy.events.page(room, { after: 0, limit: 10 });
  expect(rows.map((row) => "text" in row && row.text)).toEqual(["one", "two", "three"]);
  expect(await copy.members.roles([{ room, user: removed.id }])).toEqual([null]);
  expect((await copy.erasures.ledger(null, 10)).map(({ user }) => user)).toEqual([erased.id]);
  expect((await copy.rooms.beginEpoch(room, 0, 0)).head).toBeGreaterThan(1_000_000_000);

  const seen: string[] = [];
  await using local = await openLocalObjects(target);
  for (const { catalogue } of (await listBackups(local)).backups) seen.push(catalogue.id);
  expect(seen).toEqual([result.catalogue.id, later.catalogue.id]);
}, 60_000);

test("a damaged part is refused by its hash, and nothing is left behind", async () => {
  const path = await copyOf("damaged");
  const { id, database } = result.catalogue;
  const part = join(path, partName(id, database.name));
  const content = await readFile(part);
  content[1_000] = (content[1_000] ?? 0) ^ 1;
  await writeFile(part, content);
  const fault = `backups/${id}/database.tar.gz is damaged: its SHA-256 is not what the catalogue says`;
  expect(await refusal(path, { wanted: { id } })).toContain(`- ${fault}: restore from another target`);
  await using objects = await openLocalObjects(path);
  expect(await checkBackup(objects, result.catalogue)).toEqual([fault]);
  await writeFile(part, content.subarray(1));
  expect(await refusal(path, { wanted: { id } })).toMatch(/has \d+ bytes, and the catalogue says \d+/);
  await rm(part);
  expect(await refusal(path, { wanted: { id } })).toContain("database.tar.gz is missing");
});

test("a damaged file is refused by its hash, or left out when that is asked for", async () => {
  const path = await copyOf("damaged-file");
  await writeFile(join(path, contentName(file)), randomBytes(200_000));
  expect(await refusal(path)).toContain(`1 files are damaged in the target (${contentName(file)})`);
  await using objects = await openLocalObjects(path);
  const list = contentsOf(world.files);
  const how = { directory: join(world.folder, "without-file"), identity: undefined, skipDamaged: true };
  expect(await restoreContents(objects, result.catalogue, list, how)).toEqual({ files: 0, missing: 1 });
});

test("a target without a readable ledger is refused: erased people would come back", async () => {
  const path = await copyOf("no-ledger");
  const ledgers = join(path, "ledger", result.catalogue.cluster);
  const [newest = ""] = (await readdir(ledgers)).sort().reverse();
  await writeFile(join(ledgers, newest), "no gzip");
  expect(await refusal(path)).toContain("the ledger of erased users and removals cannot be read");
  await rm(ledgers, { recursive: true });
  // Of another cluster.
  await cp(join(target, "ledger", result.catalogue.cluster), join(path, "ledger", "77"), { recursive: true });
  expect(await refusal(path)).toContain("(the target has none)");
});

test("between two backups the ledger goes to a target when it has something new, and the last three stay", async () => {
  const folder = join(world.folder, "ledger-target");
  const target = parseTarget(`file:${folder}`, { region: "", accessKeyId: undefined, secretAccessKey: undefined });
  if (target === null) throw new Error("no target");
  const { store } = world;
  const keeper = new LedgerKeeper({
    ...{ store, cluster: "77", targets: [target], seal: createSeal([]), folder: world.folder },
  });
  // Of another cluster: newer, and none of the three.
  await mkdir(join(folder, "ledger", "78"), { recursive: true });
  await writeFile(join(folder, "ledger", "78", "99991231T235959Z-ab12.ndjson.gz"), "");
  const there = async () => (await readdir(join(folder, "ledger", "77"))).length;
  for (let times = 0; times < 2; times += 1) await keeper.keep();
  expect(await there()).toBe(1);
  for (const expected of [2, 3, 3]) {
    await store.erasures.request((await createUser(store)).id);
    await keeper.keep();
    expect(await there()).toBe(expected);
  }
  expect(await readdir(join(folder, "ledger", "78"))).toHaveLength(1);
});

test("without keys, without what opens a seal, or into a directory that is not empty, nothing is restored", async () => {
  const path = await copyOf("changed");
  const catalogue = join(path, "backups", result.catalogue.id, "backup.json");
  const wanted = { id: result.catalogue.id };
  const text = await readFile(catalogue, "utf8");
  const change = (given: object) => writeFile(catalogue, JSON.stringify({ ...JSON.parse(text), ...given }));
  await change({ keys: null });
  expect(await refusal(path, { wanted })).toContain("the backup has no keys");
  const place = join(world.folder, "no-signing-keys");
  const keys = async () => new Map([["secret-keys", Buffer.from("secret")]]);
  const source = { ...world.source, database: () => takeFrom(result), keys };
  const options = { recipients: [], build: "0.1.0", spool: join(world.folder, "spool"), mayRemove: () => false };
  await backUp(source, { ...options, targets: [{ label: "place", open: () => openLocalObjects(place) }] });
  expect(await refusal(place)).toContain("the backup has no signing keys");
  await change({ recipients: ["age1abc"] });
  expect(await refusal(path, { wanted })).toContain("sealed for age1abc: give the file with the secret key");
  const restoring = restore(await fromDirectory(path, world.folder));
  await expect(restoring).rejects.toThrow("is not empty");
});
