import type { Acceptor, Broker } from "@hubbub/broker";
import {
  type EventId,
  encodeEventBody,
  newId,
  ProtocolError,
  type PublicUser,
  type Role,
  type RoomId,
} from "@hubbub/protocol";
import type { RoomRecord, Store } from "@hubbub/store";

/**
 * Who is in which room. A change has three steps, in this order:
 *
 * 1. the row in the store: the truth, on which alone access rests;
 * 2. the control message: gateways drop what they remember, and stop serving somebody who left;
 * 3. the join or leave event: tells the room.
 *
 * Control comes before the event, for a log that is full must not keep somebody in a room who left it. When a step
 * fails the caller is told to try again; the row then stands already, so control is sent at every call, changed or
 * not, and only the event, which grants nothing, is said once or, after such a failure, not at all.
 */
export interface Membership {
  /** false when `user` was a member before. `by`: who did it, the user or the owner. */
  add(room: RoomId, user: PublicUser, by: PublicUser): Promise<boolean>;
  remove(room: RoomId, user: PublicUser): Promise<void>;
  roleOf(room: RoomId, user: PublicUser): Promise<Role | null>;
  /** @throws ProtocolError unknown_room (also for a private one that is none of the user's business), not_member */
  require(room: RoomId, user: PublicUser): Promise<Role>;
  /** The room as far as the user may know of it. @throws ProtocolError unknown_room */
  find(room: RoomId, user: PublicUser): Promise<RoomRecord & { role: Role | null }>;
}

interface MembershipParts {
  readonly store: Store;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
}

export function createMembership({ store, broker, acceptor }: MembershipParts): Membership {
  const roleOf = async (room: RoomId, user: PublicUser): Promise<Role | null> => {
    const [role] = await store.members.roles([{ room, user: user.id }]);
    return role ?? null;
  };
  const find: Membership["find"] = async (room, user) => {
    const [record, role] = await Promise.all([store.rooms.find(room), roleOf(room, user)]);
    if (record === null || (record.visibility === "private" && role === null)) throw new ProtocolError("unknown_room");
    return { ...record, role };
  };
  const tell = async (room: RoomId, kind: "join" | "leave", user: PublicUser, by: PublicUser): Promise<void> => {
    const id = newId<EventId>();
    await acceptor.accept({ room, user: by.id, id, body: encodeEventBody({ by, kind, id, user: user.id }) });
  };
  return {
    roleOf,
    find,
    async require(room, user) {
      const role = await roleOf(room, user);
      if (role !== null) return role;
      await find(room, user);
      throw new ProtocolError("not_member");
    },
    async add(room, user, by) {
      const isNew = await store.members.add(room, user.id, "member");
      await broker.publishControl({ type: "member-added", room, user: user.id });
      if (isNew) await tell(room, "join", user, by);
      return isNew;
    },
    async remove(room, user) {
      const wasMember = await store.members.remove(room, user.id);
      await broker.publishControl({ type: "member-removed", room, user: user.id });
      if (wasMember) await tell(room, "leave", user, user);
    },
  };
}
