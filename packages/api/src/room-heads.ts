import type { RoomHead, RoomLog } from "@hubbub/broker";
import type { Room, RoomId, UserId } from "@hubbub/protocol";
import type { RoomRecord, Store } from "@hubbub/store";
import { type LogOrStore, NO_LOG } from "./log-or-store.ts";

interface Sources {
  readonly store: Store;
  readonly log: Pick<RoomLog, "heads">;
}

type Position = Pick<RoomHead, "epoch" | "seq">;

/** Heads of rooms: one call to the log for all of them, and the store for rooms that the log does not know. */
export async function headsOf({ store, log }: Sources, rooms: readonly RoomId[]): Promise<Position[]> {
  if (rooms.length === 0) return [];
  const heads = await log.heads(rooms);
  const unnumbered = rooms.filter((_room, index) => heads[index] === null);
  const stored = (unnumbered.length === 0 ? [] : await store.events.heads(unnumbered)).values();
  return heads.map((head) => head ?? stored.next().value ?? { epoch: 0, seq: 0 });
}

interface SourcesOrStore {
  readonly store: Store;
  readonly broker: RoomLog;
  readonly logOrStore: LogOrStore;
}

/** The same; while the log is away, their stored heads. */
export function headsOrStored({ store, broker, logOrStore }: SourcesOrStore, rooms: readonly RoomId[]) {
  return logOrStore.ask(
    () => headsOf({ store, log: broker }, rooms),
    () => headsOf({ store, log: NO_LOG }, rooms),
  );
}

/** Rooms as `user` sees them, in their wire format; while the log is away, with their stored heads. */
export async function toRooms(
  sources: SourcesOrStore,
  records: readonly (RoomRecord & Pick<Room, "role">)[],
  user: UserId,
): Promise<Room[]> {
  const ids = records.map(({ id }) => id);
  const isAnyDirect = records.some(({ visibility }) => visibility === "direct");
  const names = isAnyDirect ? await sources.store.rooms.directNames(user, ids) : [];
  const heads = await headsOrStored(sources, ids);
  return records.map(({ id, name, visibility, topic, settings, role }, index) => ({
    id,
    name: names[index] ?? name,
    visibility,
    topic,
    head: heads[index]?.seq ?? 0,
    role,
    ...(settings === undefined ? {} : { settings }),
  }));
}
