import type { Acceptor, Deliveries } from "@hubbub/broker";
import {
  type EventId,
  encodeEventBody,
  newId,
  ProtocolError,
  type PublicUser,
  type Role,
  type RoomId,
  type UserId,
} from "@hubbub/protocol";
import type { Departure, RoomRecord, Store } from "@hubbub/store";

/**
 * Membership of rooms. A change has three steps, in this order:
 *
 * 1. the row in the store: the truth, and the only base of access;
 * 2. the control message: gateways drop their cached membership, and stop serving a user that left;
 * 3. the join or leave event: informs the room.
 *
 * Control comes before the event, because a full log must not keep a user in a room after leaving it. When a step fails
 * the caller is asked to retry. The row exists by then, so every call sends control, whether it changed the row or not.
 * Only the event, which grants nothing, is published once, or not at all after such a failure.
 */
export interface Membership {
  /** false when `user` was a member before. `by`: the acting user, either `user` or an owner. */
  add(room: RoomId, user: PublicUser, by: PublicUser): Promise<boolean>;
  /** `mayClose`: the last member closes the room. @throws ProtocolError last_owner, last_member */
  leave(room: RoomId, user: PublicUser, mayClose: boolean): Promise<void>;
  /** By an owner; the user may be an owner too. */
  remove(room: RoomId, user: UserId, by: PublicUser): Promise<void>;
  roleOf(room: RoomId, user: Pick<PublicUser, "id">): Promise<Role | null>;
  /** @throws ProtocolError unknown_room (also for a private room that the user may not know of), not_member */
  require(room: RoomId, user: Pick<PublicUser, "id">): Promise<Role>;
  /** The room as far as the user may know of it. @throws ProtocolError unknown_room */
  find(room: RoomId, user: Pick<PublicUser, "id">): Promise<RoomRecord & { role: Role | null }>;
  /** As `find`, and a private room also for a user who left it. @throws ProtocolError unknown_room */
  findToJoin(room: RoomId, user: PublicUser): Promise<RoomRecord & { role: Role | null }>;
}

interface MembershipParts {
  readonly store: Store;
  readonly broker: Deliveries;
  readonly acceptor: Acceptor;
}

export function createMembership({ store, broker, acceptor }: MembershipParts): Membership {
  const roleOf: Membership["roleOf"] = async (room, user) => {
    const [role] = await store.members.roles([{ room, user: user.id }]);
    return role ?? null;
  };
  const find: Membership["find"] = async (room, user) => {
    const [record, role] = await Promise.all([store.rooms.find(room), roleOf(room, user)]);
    if (record === null || (record.visibility === "private" && role === null)) throw new ProtocolError("unknown_room");
    return { ...record, role };
  };
  const tell = async (room: RoomId, kind: "join" | "leave", user: UserId, by: PublicUser): Promise<void> => {
    const id = newId<EventId>();
    await acceptor.accept({ room, user: by.id, id, body: encodeEventBody({ by, kind, id, user }) });
  };
  const announce = async (room: RoomId, user: UserId, by: PublicUser, departure: Departure): Promise<void> => {
    await broker.publishControl({ type: "member-removed", room, user });
    if (departure === "left") await tell(room, "leave", user, by);
  };
  return {
    roleOf,
    find,
    async findToJoin(room, user) {
      const record = await store.rooms.find(room);
      if (record?.visibility === "private" && (await store.members.hasLeft(room, user.id)))
        return { ...record, role: null };
      return find(room, user);
    },
    async require(room, user) {
      const role = await roleOf(room, user);
      if (role !== null) return role;
      await find(room, user);
      throw new ProtocolError("not_member");
    },
    async add(room, user, by) {
      const isNew = await store.members.add(room, user.id, "member", user.id === by.id);
      await broker.publishControl({ type: "member-added", room, user: user.id });
      if (isNew) await tell(room, "join", user.id, by);
      return isNew;
    },
    async leave(room, user, mayClose) {
      const departure = await store.members.leave(room, user.id, { mayClose });
      if (departure === "last_owner") throw new ProtocolError("last_owner");
      if (departure === "alone") throw new ProtocolError("last_member");
      await announce(room, user.id, user, departure);
    },
    async remove(room, user, by) {
      await announce(room, user, by, await store.members.leave(room, user, { isRemoved: true }));
    },
  };
}
