import { type EventBody, type EventId, newId, type PublicUser, type RoomEvent, type RoomId } from "@hubbub/protocol";
import type { Lease, Store } from "../../src/store.ts";

/** A contract suite asks for the store inside its tests, when the file's `beforeAll` has made it. */
export type GetStore = () => Store;

let serial = 0;
/** Names and numbers that no other test uses: the tests of a file share one store. */
export const freshNumber = (): number => ++serial;
export const fresh = (prefix: string): string => `${prefix}-${freshNumber()}`;

export const inMs = (ms: number): Date => new Date(Date.now() + ms);
export const HOUR_MS = 3_600_000;

export const createUser = (store: Store, username = fresh("user")): Promise<PublicUser> =>
  store.users.create({ username, passwordHash: "hash" });

export async function createRoom(store: Store): Promise<{ room: RoomId; owner: PublicUser }> {
  const owner = await createUser(store);
  const room = await store.rooms.create({ name: fresh("room"), visibility: "public", topic: "", createdBy: owner.id });
  return { room: room.id, owner };
}

export function event(room: RoomId, seq: number, body: EventBody): RoomEvent {
  return { type: "event", room, epoch: 1, seq, at: 1_700_000_000_000 + seq, ...body };
}

export function message(room: RoomId, by: PublicUser, seq: number, text = `text ${seq}`): RoomEvent {
  return event(room, seq, { by, kind: "message", id: newId<EventId>(), text });
}

export function messages(room: RoomId, by: PublicUser, count: number): RoomEvent[] {
  return Array.from({ length: count }, (_, index) => message(room, by, index + 1));
}

/** A lease of a shard that no other test uses. */
export async function takeLease(store: Store): Promise<Lease> {
  const shard = freshNumber();
  const lease = await store.shards.acquire(shard, fresh("writer"), HOUR_MS);
  if (lease === null) throw new Error(`shard ${shard} is taken`);
  return lease;
}

export async function storeEvents(store: Store, events: readonly RoomEvent[]): Promise<void> {
  await store.events.append({ lease: await takeLease(store), offset: "1-0", events });
}
