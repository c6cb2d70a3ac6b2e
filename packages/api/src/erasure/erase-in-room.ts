import { type Acceptor, type Broker, shardOf } from "@hubbub/broker";
import {
  type EventId,
  encodeEventBody,
  isDerivedRoom,
  newId,
  type PublicUser,
  type RoomId,
  type UserId,
} from "@hubbub/protocol";
import type { ErasureRoom, Store } from "@hubbub/store";

/** Messages that one step deletes: each is an event of the room. Rows that it looks at. */
const LIMIT = { messages: 100, rows: 5_000 };

interface Parts {
  readonly store: Store;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
}

type News =
  | { readonly kind: "delete"; readonly id: EventId; readonly target: number }
  | { readonly kind: "leave"; readonly id: EventId; readonly user: UserId }
  | { readonly kind: "member"; readonly id: EventId; readonly user: UserId; readonly role: "owner" };

/**
 * One step of an erasure in one room. The messages are deleted by events, as their author would delete them: the writer empties the
 * rows and releases the files, and clients see them go. Records are emptied in their rows, and after them those of derived rooms. Then
 * the user leaves, and at last all copies in the tail and in gateways are dropped, because they hold the name that the user had.
 */
export async function eraseInRoom(parts: Parts, user: PublicUser, found: ErasureRoom): Promise<void> {
  const { store, broker } = parts;
  const { room, seq, upTo, isDeleted } = found;
  if (upTo === null) {
    await store.erasures.setRoom(user.id, { room, seq, upTo: await headOf(parts, room), isDeleted });
    return;
  }
  if (isDeleted) {
    const { seq: stored } = await store.events.head(room);
    const waiting = await broker.forget(shardOf(room, broker.shards), [{ room, seq: upTo, stored }]);
    if (waiting.length > 0) return;
    await broker.publishControl({ type: "texts-deleted", rooms: [room] });
    await store.erasures.finishRoom(user.id, room);
    return;
  }
  if (!(await isStored(broker, room, upTo))) return;
  const { seqs, last } = await store.erasures.messages(user.id, room, seq, LIMIT);
  await Promise.all(seqs.map((target) => tell(parts, user, room, { kind: "delete", id: deletionOf(target), target })));
  if (last !== null) await store.erasures.emptyRecords(user.id, room, { after: seq, to: last });
  if (last !== null && last < upTo) {
    await store.erasures.setRoom(user.id, { room, seq: last, upTo, isDeleted: false });
    return;
  }
  if (!found.isDirect && !isDerivedRoom(room)) await leave(parts, user, room);
  await store.erasures.setRoom(user.id, { room, seq: upTo, upTo: await headOf(parts, room), isDeleted: true });
}

/** The same whenever the step is repeated: the log recognises it. */
const deletionOf = (target: number) => `erased-${target}` as EventId;

async function headOf({ broker, store }: Parts, room: RoomId): Promise<number> {
  const [head] = await broker.heads([room]);
  return head?.seq ?? (await store.events.head(room)).seq;
}

/** The log without the room has nothing that is not stored. */
async function isStored(broker: Broker, room: RoomId, seq: number): Promise<boolean> {
  const [head] = await broker.heads([room]);
  return head == null || head.durable >= seq;
}

async function tell({ acceptor }: Parts, by: PublicUser, room: RoomId, news: News): Promise<void> {
  await acceptor.accept({ room, user: by.id, id: news.id, body: encodeEventBody({ by, ...news }) });
}

async function leave(parts: Parts, user: PublicUser, room: RoomId): Promise<void> {
  const { store, broker } = parts;
  const { departure, heir } = await store.erasures.leave(user.id, room);
  await broker.publishControl({ type: "member-removed", room, user: user.id });
  if (departure === "left") await tell(parts, user, room, { kind: "leave", id: newId<EventId>(), user: user.id });
  if (heir === null) return;
  await broker.publishControl({ type: "member-changed", room, user: heir });
  await tell(parts, user, room, { kind: "member", id: newId<EventId>(), user: heir, role: "owner" });
}
