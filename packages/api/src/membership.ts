import type { Acceptor, Deliveries, RoomLog } from "@hubbub/broker";
import { tellUser } from "@hubbub/chat";
import {
  ANNOUNCEMENTS_ROOM,
  type EventId,
  encodeEventBody,
  isDerivedRoom,
  newId,
  outranks,
  type Permission,
  ProtocolError,
  type PublicUser,
  type Role,
  type RoomId,
  requirePermission,
  type Standing,
  type UserId,
} from "@hubbub/protocol";
import type { Departure, RoomRecord, Store, WayIn } from "@hubbub/store";
import { actingOf, type Caller } from "./auth/bearer.ts";
import { headsOf } from "./room-heads.ts";

type ActingCaller = Pick<Caller, "user" | "address">;

/**
 * Membership of rooms. A change has three steps, in this order:
 *
 * 1. the row in the store: the truth, and the only base of access;
 * 2. the control message: gateways drop their cached membership, and stop serving a user that left;
 * 3. the join or leave event: informs the room.
 *
 * Control comes before the event, because a full log must not keep a user in a room after leaving it. When a step fails
 * the caller is asked to retry. The row exists by then, and gateways are told of it in any case: see `UntoldRelay`.
 * Only the event, which grants nothing, is published once, or not at all after such a failure.
 */
export interface Membership {
  /**
   * false when `user` was a member before. `by`: the acting user, either `user` or who brings them in.
   * @throws ProtocolError forbidden: a join of the room of announcements would be an event for everybody
   */
  add(room: RoomId, user: PublicUser, by: PublicUser, role?: Role, way?: WayIn): Promise<boolean>;
  /** `mayClose`: the last member closes the room. @throws ProtocolError last_owner, last_member */
  leave(room: RoomId, user: PublicUser, mayClose: boolean): Promise<void>;
  /** The user may be an owner too. @throws ProtocolError unknown_user: left before, and was not removed */
  remove(room: RoomId, user: UserId, by: ActingCaller): Promise<void>;
  /** @throws ProtocolError last_owner, unknown_user */
  setRole(room: RoomId, user: UserId, role: Role, by: ActingCaller): Promise<void>;
  /** `until`: null ends the mute. @throws ProtocolError unknown_user */
  mute(room: RoomId, user: UserId, until: Date | null, by: ActingCaller): Promise<void>;
  /** @throws ProtocolError last_owner */
  ban(room: RoomId, user: UserId, ban: { reason: string; until: Date | null }, by: ActingCaller): Promise<void>;
  roleOf(room: RoomId, user: Pick<PublicUser, "id">): Promise<Role | null>;
  /** @throws ProtocolError unknown_room (also for a private room that the user may not know of), not_member */
  require(room: RoomId, user: Pick<PublicUser, "id">): Promise<Standing>;
  /** As `require`. @throws ProtocolError forbidden, room_archived, muted, too */
  permit(room: RoomId, user: Pick<PublicUser, "id">, permission: Permission): Promise<Standing>;
  /** As `permit`, for an act on another user: only an owner acts on somebody of the same role or a stronger one. */
  permitOn(room: RoomId, target: UserId, user: PublicUser, permission: Permission): Promise<Standing>;
  /** The room as far as the user may know of it. @throws ProtocolError unknown_room */
  find(room: RoomId, user: Pick<PublicUser, "id">): Promise<RoomRecord & { role: Role | null }>;
  /** As `find`, and a private room also for a user who left it. @throws ProtocolError unknown_room */
  findToJoin(room: RoomId, user: PublicUser): Promise<RoomRecord & { role: Role | null }>;
}

interface MembershipParts {
  readonly store: Store;
  readonly broker: Deliveries & Pick<RoomLog, "heads">;
  readonly acceptor: Acceptor;
}

type MembershipNews =
  | { readonly kind: "join" | "leave"; readonly user: UserId }
  | { readonly kind: "member"; readonly user: UserId; readonly role?: Role; readonly mutedUntil?: number };

export function createMembership({ store, broker, acceptor }: MembershipParts): Membership {
  const standingOf = async (room: RoomId, user: UserId): Promise<Standing | null> => {
    const [standing] = await store.members.standings([{ room, user }]);
    return standing ?? null;
  };
  const roleOf: Membership["roleOf"] = async (room, user) => (await standingOf(room, user.id))?.role ?? null;
  const find: Membership["find"] = async (room, user) => {
    const [record, role] = await Promise.all([store.rooms.find(room), roleOf(room, user)]);
    if (record === null || (record.visibility !== "public" && role === null)) throw new ProtocolError("unknown_room");
    return { ...record, role };
  };
  const tell = async (room: RoomId, by: PublicUser, what: MembershipNews): Promise<void> => {
    const id = newId<EventId>();
    await acceptor.accept({ room, user: by.id, id, body: encodeEventBody({ by, id, ...what }) });
  };
  const require: Membership["require"] = async (room, user) => {
    const standing = await standingOf(room, user.id);
    if (standing !== null) return standing;
    await find(room, user);
    throw new ProtocolError("not_member");
  };
  const permit: Membership["permit"] = async (room, user, permission) => {
    const standing = await require(room, user);
    requirePermission(standing, permission);
    return standing;
  };
  const announce = async (room: RoomId, user: UserId, by: PublicUser, departure: Departure): Promise<void> => {
    for (const one of [room, ...(await store.flows.derivedOf(room))])
      await broker.publishControl({ type: "member-removed", room: one, user });
    if (departure === "left") await tell(room, by, { kind: "leave", user });
    if (departure === "left") await tellUser(broker, user, { kind: "left", room });
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
    require,
    permit,
    async permitOn(room, target, user, permission) {
      const standing = await permit(room, user, permission);
      const role = (await standingOf(room, target))?.role;
      if (role !== undefined && standing.role !== "owner" && outranks(role, standing.role)) {
        throw new ProtocolError("forbidden", "the user has your role or a stronger one");
      }
      return standing;
    },
    async add(room, user, by, role = "member", way = user.id === by.id ? "asked" : "brought") {
      if (room === ANNOUNCEMENTS_ROOM)
        throw new ProtocolError("forbidden", "everybody reads announcements; nobody joins them");
      if (isDerivedRoom(room)) throw new ProtocolError("forbidden", "the members of its source read this room");
      const [head] = await headsOf({ store, log: broker }, [room]);
      const isNew = await store.members.add(room, user.id, role, way, head?.seq);
      await broker.publishControl({ type: "member-added", room, user: user.id });
      if (isNew) await tell(room, by, { kind: "join", user: user.id });
      if (isNew) await tellUser(broker, user.id, { kind: "joined", room });
      return isNew;
    },
    async leave(room, user, mayClose) {
      const departure = await store.members.leave(room, user.id, { mayClose });
      if (departure === "last_owner") throw new ProtocolError("last_owner");
      if (departure === "alone") throw new ProtocolError("last_member");
      await announce(room, user.id, user, departure);
    },
    async setRole(room, user, role, by) {
      const done = await store.members.setRole(room, user, role, actingOf(by));
      if (done === "absent") throw new ProtocolError("unknown_user", "this user is not in the room");
      if (done === "last_owner") throw new ProtocolError("last_owner");
      await broker.publishControl({ type: "member-changed", room, user });
      await tell(room, by.user, { kind: "member", user, role });
    },
    async mute(room, user, until, by) {
      const isMember = await store.members.mute(room, user, until, actingOf(by));
      if (!isMember) throw new ProtocolError("unknown_user", "this user is not in the room");
      await broker.publishControl({ type: "member-changed", room, user });
      await tell(room, by.user, { kind: "member", user, mutedUntil: until?.getTime() ?? 0 });
    },
    async ban(room, user, { reason, until }, by) {
      const { wasMember } = await store.bans.add(room, user, { ...actingOf(by), by: by.user.id, reason, until });
      await announce(room, user, by.user, wasMember ? "left" : "absent");
    },
    async remove(room, user, by) {
      const departure = await store.members.remove(room, user, actingOf(by));
      if (departure === "absent" && (await store.members.hasLeft(room, user)))
        throw new ProtocolError("unknown_user", "this user has left and may come back; a ban keeps them out");
      await announce(room, user, by.user, departure);
    },
  };
}
