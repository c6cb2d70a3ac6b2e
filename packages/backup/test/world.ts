import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalStorage, type FileStorage, openLocalObjects } from "@hubbub/files";
import { type EventId, newId, type PublicUser, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { createEmbeddedStore, type EmbeddedStore, type Store } from "@hubbub/store";
import type { BackupSource } from "../src/backup.ts";
import { embeddedMeans, takeEmbedded } from "../src/embedded.ts";
import { ledgerLines } from "../src/ledger.ts";
import type { RestoreOptions } from "../src/restore.ts";

const HOUR_MS = 3_600_000;
let serial = 0;
export const fresh = (prefix: string): string => `${prefix}-${++serial}`;

/** An embedded server as backups see it, and a folder for everything else. */
export interface World extends AsyncDisposable {
  readonly store: EmbeddedStore;
  readonly files: FileStorage;
  readonly source: BackupSource;
  readonly folder: string;
}

export const KEYS = new Map([["keys.json", Buffer.from("signing keys")]]);

export async function openWorld(image: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-backup-"));
  const store = await createEmbeddedStore({ image });
  const files = await createLocalStorage({ directory: join(folder, "files"), keepFreeBytes: 0 });
  const source: BackupSource = {
    ...{ kind: "embedded", files, keys: async () => KEYS, ledger: () => ledgerLines(store) },
    database: (spool, seal) => takeEmbedded(store, spool, seal),
  };
  return {
    ...{ store, files, source, folder },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const createUser = (store: Store): Promise<PublicUser> =>
  store.users.create({ username: fresh("user"), passwordHash: "hash" });

export async function createRoom(store: Store): Promise<{ room: RoomId; owner: PublicUser }> {
  const owner = await createUser(store);
  const { id } = await store.rooms.create({
    name: fresh("room"),
    visibility: "public",
    topic: "",
    createdBy: owner.id,
  });
  await store.rooms.beginEpoch(id, 0, 0);
  return { room: id, owner };
}

export async function say(store: Store, room: RoomId, by: PublicUser, ...texts: readonly string[]): Promise<void> {
  const lease = await store.shards.acquire(++serial, fresh("writer"), HOUR_MS);
  if (lease === null) throw new Error("the shard is taken");
  const { seq, epoch } = await store.events.head(room);
  const events = texts.map((text, at): RoomEvent => {
    const head = { type: "event", room, epoch: Math.max(1, epoch), seq: seq + 1 + at, at: Date.now() } as const;
    return { ...head, by, kind: "message", id: newId<EventId>(), text };
  });
  await store.events.append({ lease, offset: "1-0", events });
}

export async function keep(files: FileStorage, content: Uint8Array): Promise<string> {
  const staged = await files.stage(
    (async function* () {
      yield content;
    })(),
  );
  await staged.keep(staged.hash);
  return staged.hash;
}

/** A restore from a directory into another one. */
export async function fromDirectory(path: string, into: string, given: Partial<RestoreOptions> = {}) {
  const objects = await openLocalObjects(path);
  const options: RestoreOptions = {
    ...{ objects, into, wanted: "latest", identity: undefined, ledger: [], means: embeddedMeans },
    ...{ discardNewer: false, withoutKeys: false, skipDamaged: false, keepSessions: false },
    live: async () => ({ live: null, inLog: null }),
    verify: async () => true,
    ...given,
  };
  return options;
}
