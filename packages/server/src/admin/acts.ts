import { ANNOUNCEMENTS_ROOM, isUuid, type SessionId, TEXT_MAX_BYTES } from "@hubbub/protocol";
import { announcementBody } from "@hubbub/protocol/http-admin";
import { type Acting, ROOM_KEPT_MS } from "@hubbub/store";
import type { AdminArguments } from "./arguments.ts";
import { findRoom, findUser, toEnd, toRole, toServerRole } from "./find.ts";
import type { Row } from "./output.ts";
import type { AdminParts } from "./parts.ts";
import { AdminRefused } from "./refused.ts";

export interface Done {
  readonly sentence: string;
  readonly record: Row;
}

type DoIt = (parts: AdminParts, args: AdminArguments) => Promise<Done>;

const AWAY = " Redis cannot be reached: gateways learn of it when it is back.";
/** The right to run the command makes its user the operator. */
const OPERATOR: Acting = { by: "operator" };
const CLOSED_STATES = ["dismissed", "acted"] as const;
const nameAt = ({ names }: AdminArguments, at: number): string => names[at] ?? "";

const grant: DoIt = async ({ store }, args) => {
  const user = await findUser(store, nameAt(args, 0));
  const role = toServerRole(nameAt(args, 1));
  const isNew = await store.admin.setRole(user.id, role, OPERATOR);
  const sentence = isNew
    ? `${user.username} has the server role ${role} now.`
    : `${user.username} had this role before.`;
  return { sentence, record: { user, role, changed: isNew } };
};

const revokeRole: DoIt = async ({ store }, args) => {
  const user = await findUser(store, nameAt(args, 0));
  const wanted = args.names[1] === undefined ? undefined : toServerRole(args.names[1]);
  const present = await store.admin.roleOf(user.id);
  if (wanted !== undefined && present !== null && wanted !== present)
    throw new AdminRefused(`${user.username} has the server role ${present}: name that one, or none`);
  const changed = await store.admin.setRole(user.id, null, OPERATOR);
  const sentence = changed ? `${user.username} has no server role any more.` : `${user.username} had no server role.`;
  return { sentence, record: { user, role: null, changed } };
};

const suspend: DoIt = async ({ store, teller }, args) => {
  const user = await findUser(store, nameAt(args, 0));
  const until = args.options.until === undefined ? null : toEnd(args.options.until);
  const reason = toReason(args.options.reason ?? "");
  const ended: readonly SessionId[] = await store.admin.suspend(user.id, { reason, until }, OPERATOR);
  const isTold = await teller.revoked(ended);
  const end = until === null ? "without an end" : `until ${until.toISOString()}`;
  const sentence = `${user.username} is suspended ${end}; ${ended.length} sessions ended.${isTold ? "" : AWAY}`;
  return { sentence, record: { user, until, reason, sessions: ended.length, told: isTold } };
};

const unsuspend: DoIt = async ({ store }, args) => {
  const user = await findUser(store, nameAt(args, 0));
  const changed = await store.admin.unsuspend(user.id, OPERATOR);
  const sentence = changed ? `${user.username} can log in again.` : `${user.username} was not suspended.`;
  return { sentence, record: { user, changed } };
};

const closeReport: DoIt = async ({ store }, args) => {
  const id = nameAt(args, 0);
  if (!isUuid(id)) throw new AdminRefused("REPORT is the id of a report: hubbub admin reports");
  const state = CLOSED_STATES.find((one) => one === nameAt(args, 1));
  if (state === undefined) throw new AdminRefused(`STATE is one of: ${CLOSED_STATES.join(", ")}`);
  const note = toReason(args.options.reason ?? "");
  const outcome = await store.reports.close({ id }, { state, ...(note === "" ? {} : { note }) }, OPERATOR);
  if (outcome === "absent")
    throw new AdminRefused(`there is no report ${id}; list them with: hubbub admin reports, or --closed`);
  return { sentence: `the report is closed: ${state}.`, record: { report: id, room: outcome.room, state } };
};

const REASON_MAX = 256;

/** @throws AdminRefused */
function toReason(text: string): string {
  const reason = text.normalize("NFC").trim();
  if (reason.length > REASON_MAX || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(reason) || !reason.isWellFormed())
    throw new AdminRefused(`--reason is one line of at most ${REASON_MAX} characters`);
  return reason;
}

/** It is told when it is stored: this process does not stay to offer it again if Redis loses it. */
const announce: DoIt = async ({ store, teller }, args) => {
  const user = await findUser(store, nameAt(args, 0));
  const text = nameAt(args, 1);
  const isTaken = announcementBody.shape.text.safeParse(text).success && text.trim() !== "";
  if (!isTaken) throw new AdminRefused(`TEXT has 1 to ${TEXT_MAX_BYTES} bytes`);
  if ((await store.admin.roleOf(user.id)) !== "admin")
    throw new AdminRefused(`${user.username} is no admin: hubbub admin grant ${user.username} admin`);
  const seq = await teller.announce(user, text);
  return { sentence: `everybody is told, as ${user.username}.`, record: { user, room: ANNOUNCEMENTS_ROOM, seq } };
};

const unban: DoIt = async ({ store }, args) => {
  const room = await findRoom(store, nameAt(args, 0));
  const user = await findUser(store, nameAt(args, 1));
  const changed = await store.bans.remove(room.id, user.id, OPERATOR);
  const sentence = changed
    ? `${user.username} is not banned any more, and may join again or be invited.`
    : `${user.username} was not banned from this room; its bans: hubbub admin room ${room.id}`;
  return { sentence, record: { room: room.id, user, changed } };
};

/** The row is what decides. Gateways forget what they have cached; members see the new state when they next load the room. */
const roomRole: DoIt = async ({ store, teller }, args) => {
  const room = await findRoom(store, nameAt(args, 0));
  const user = await findUser(store, nameAt(args, 1));
  const role = toRole(nameAt(args, 2));
  const outcome = await store.members.setRole(room.id, user.id, role, OPERATOR);
  if (outcome === "absent")
    throw new AdminRefused(`${user.username} is not in this room; its members: hubbub admin room ${room.id}`);
  if (outcome === "last_owner")
    throw new AdminRefused(`${user.username} is the only owner: make another member an owner first`);
  const isTold = await teller.tell({ type: "member-changed", room: room.id, user: user.id });
  const sentence = `${user.username} is ${role} of ${nameOf(room)} now.${isTold ? "" : AWAY}`;
  return { sentence, record: { room: room.id, user, role, told: isTold } };
};

const nameOf = ({ id, name }: { id: string; name: string }) => (name === "" ? id : JSON.stringify(name));

const archive =
  (isArchived: boolean): DoIt =>
  async ({ store, teller }, args) => {
    const room = await findRoom(store, nameAt(args, 0));
    if ((await store.rooms.setArchived(room.id, isArchived, OPERATOR)) === null)
      throw new AdminRefused(`this room is deleted; bring it back first: hubbub admin room-restore ${room.id}`);
    const isTold = await teller.tell({ type: "room-changed", room: room.id });
    const state = isArchived ? "is archived: everybody reads, nobody writes" : "is not archived any more";
    return {
      sentence: `${nameOf(room)} ${state}.${isTold ? "" : AWAY}`,
      record: { room: room.id, archived: isArchived, told: isTold },
    };
  };

const deleteRoom: DoIt = async ({ store, teller }, args) => {
  const room = await findRoom(store, nameAt(args, 0));
  const changed = await store.rooms.close(room.id, OPERATOR);
  const isTold = await teller.tell({ type: "room-closed", room: room.id });
  const until = `It is erased after 7 days; until then: hubbub admin room-restore ${room.id}`;
  const sentence = `${nameOf(room)} ${changed ? "is deleted" : "was deleted before"}. ${until}${isTold ? "" : AWAY}`;
  return { sentence, record: { room: room.id, changed, told: isTold } };
};

const restoreRoom: DoIt = async ({ store, teller }, args) => {
  const room = await findRoom(store, nameAt(args, 0));
  const changed = await store.rooms.reopen(room.id, new Date(Date.now() - ROOM_KEPT_MS), OPERATOR);
  const isTold = await teller.tell({ type: "room-changed", room: room.id });
  const sentence = `${nameOf(room)} ${changed ? "is back" : "is not deleted, or was deleted more than 7 days ago"}.${isTold ? "" : AWAY}`;
  return { sentence, record: { room: room.id, changed, told: isTold } };
};

export const ACTS = {
  grant,
  "revoke-role": revokeRole,
  suspend,
  unsuspend,
  announce,
  unban,
  "report-close": closeReport,
  "room-role": roomRole,
  "room-archive": archive(true),
  "room-unarchive": archive(false),
  "room-delete": deleteRoom,
  "room-restore": restoreRoom,
} as const satisfies Record<string, DoIt>;
