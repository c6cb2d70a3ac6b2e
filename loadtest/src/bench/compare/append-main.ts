import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type EventId, newId, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import type { Lease, Store } from "@hubbub/store";
import { TEXT_BYTES } from "../bench.ts";
import { answerParent } from "../measure/child.ts";

/** Appends plain messages as a writer does, with the store of the build in `root`. */

const BATCH = 200;
/** A batch is what the log of one shard has: some rooms. */
const ROOMS = 4;
const AUTHORS = Array.from({ length: 64 }, () => ({ id: newId<UserId>(), username: "" }));
const MS_PER_SECOND = 1_000;
const TTL_MS = 3_600_000;

export interface AppendPlace {
  readonly root: string;
  readonly url: string;
}

export interface Appended {
  readonly rows: number;
  readonly seconds: number;
}

let opened: { store: Store; lease: Lease; rooms: RoomId[]; seq: number } | undefined;
const text = "x".repeat(TEXT_BYTES);

async function open({ root, url }: AppendPlace): Promise<void> {
  const module: unknown = await import(pathToFileURL(join(root, "packages/store/dist/index.js")).href);
  const { createPostgresStore } = module as typeof import("@hubbub/store");
  const store = createPostgresStore({ url, poolMax: 2, statementTimeoutMs: 60_000, applicationName: "bench" });
  const lease = await store.shards.acquire(0, "bench", TTL_MS);
  if (lease === null) throw new Error("the shard is taken");
  opened = { store, lease, rooms: Array.from({ length: ROOMS }, () => newId<RoomId>()), seq: 0 };
}

async function append(ms: number): Promise<Appended> {
  if (opened === undefined) throw new Error("open first");
  const begun = performance.now();
  let rows = 0;
  while (performance.now() - begun < ms) {
    const { store, lease } = opened;
    const offset = `1-${opened.seq + BATCH}`;
    await store.events.append({ lease, offset, events: nextBatch(opened) });
    opened.lease = { ...lease, offset };
    rows += BATCH;
  }
  return { rows, seconds: (performance.now() - begun) / MS_PER_SECOND };
}

/** Literals, so that the objects have one shape, as those that a writer parses. With a spread their fields are slow to read. */
function nextBatch(place: { rooms: RoomId[]; seq: number }): RoomEvent[] {
  return Array.from({ length: BATCH }, () => {
    const seq = ++place.seq;
    const by = AUTHORS[seq % AUTHORS.length] ?? { id: newId<UserId>(), username: "" };
    const room = place.rooms[seq % ROOMS] ?? newId<RoomId>();
    const id = `bench-${seq}` as EventId;
    return { type: "event", room, epoch: 1, seq, at: 1_700_000_000_000 + seq, kind: "message", by, id, text };
  });
}

answerParent({ open, append });
