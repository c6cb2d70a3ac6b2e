import type { Broker, RoomHead } from "@hubbub/broker";
import type { Room, RoomId } from "@hubbub/protocol";
import type { RoomRecord, Store } from "@hubbub/store";
import type { LogOrStore } from "./log-or-store.ts";

interface Sources {
  readonly store: Store;
  readonly broker: Broker;
  readonly logOrStore: LogOrStore;
}

type Position = Pick<RoomHead, "epoch" | "seq">;

/**
 * Where rooms stand: one call to the log for all of them, and the store for those that it does not number yet, or for all
 * while it is away.
 */
export async function headsOf({ store, broker, logOrStore }: Sources, rooms: readonly RoomId[]): Promise<Position[]> {
  if (rooms.length === 0) return [];
  const heads = await logOrStore.ask(
    () => broker.heads(rooms),
    async () => rooms.map(() => null),
  );
  const unnumbered = rooms.filter((_room, index) => heads[index] === null);
  const stored = (unnumbered.length === 0 ? [] : await store.events.heads(unnumbered)).values();
  return heads.map((head) => head ?? stored.next().value ?? { epoch: 0, seq: 0 });
}

/** Rooms as they go over the wire. */
export async function toRooms(
  sources: Sources,
  records: readonly (RoomRecord & Pick<Room, "role">)[],
): Promise<Room[]> {
  const heads = await headsOf(
    sources,
    records.map((record) => record.id),
  );
  return records.map(({ id, name, visibility, topic, role }, index) => ({
    id,
    name,
    visibility,
    topic,
    head: heads[index]?.seq ?? 0,
    role,
  }));
}
