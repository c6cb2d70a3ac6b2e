import {
  isUuid,
  type PublicUser,
  ROLES,
  type Role,
  type RoomId,
  SERVER_ROLES,
  type ServerRole,
} from "@hubbub/protocol";
import type { AdminRoom, Store } from "@hubbub/store";
import { NoSuchUser } from "../sessions-command.ts";
import { AdminRefused } from "./refused.ts";

const SAME_NAME_SHOWN = 20;

/** @throws NoSuchUser */
export async function findUser({ users }: Store, name: string): Promise<PublicUser> {
  const user = await users.findByUsername(name);
  if (user === null)
    throw new NoSuchUser(
      `there is no user ${JSON.stringify(name)}; look for the name with: hubbub admin users --search`,
    );
  return { id: user.id, username: user.username };
}

/** By id, or by a name that only one room has. @throws AdminRefused */
export async function findRoom({ admin }: Store, text: string): Promise<AdminRoom> {
  if (isUuid(text)) {
    const room = await admin.room(text as RoomId);
    if (room === null) throw new AdminRefused(`there is no room with the id ${text}; erased rooms are gone for good`);
    return room;
  }
  const found = await admin.roomsNamed(text, SAME_NAME_SHOWN + 1);
  const [room] = found;
  if (room === undefined)
    throw new AdminRefused(
      `there is no room ${JSON.stringify(text)}; look for the name with: hubbub admin rooms --search`,
    );
  if (found.length === 1) return room;
  const some = found.slice(0, SAME_NAME_SHOWN).map(describe);
  throw new AdminRefused(`several rooms have this name; repeat the command with the id of one:\n${some.join("\n")}`);
}

function describe({ id, visibility, members, closedAt }: AdminRoom): string {
  return `  ${id}  ${visibility}, ${members} members${closedAt === null ? "" : ", deleted"}`;
}

/** @throws AdminRefused */
export function toServerRole(text: string): ServerRole {
  const role = SERVER_ROLES.find((one) => one === text);
  if (role === undefined) throw new AdminRefused(`ROLE is one of: ${SERVER_ROLES.join(", ")}`);
  return role;
}

/** @throws AdminRefused */
export function toRole(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (role === undefined) throw new AdminRefused(`ROLE is one of: ${ROLES.join(", ")}`);
  return role;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** `sign`: what a duration means, from now on or ago. NaN: neither a duration nor an instant. */
function toTime(text: string, now: number, sign: 1 | -1): number {
  const [, count, unit = ""] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return now + sign * Number(count) * (UNIT_MS[unit] ?? 0);
  return INSTANT.test(text) ? Date.parse(text) : Number.NaN;
}

/** `7d`: seven days ago; a day, or an instant with its zone. @throws AdminRefused */
export function toPast(text: string, now = Date.now()): Date {
  const at = toTime(text, now, -1);
  if (Number.isNaN(at)) throw new AdminRefused("a TIME is 30m, 12h or 7d ago, 2027-01-31 or 2027-01-31T12:00Z");
  return new Date(at);
}

/** `30m`, `12h`, `7d`, a day, or an instant with its zone. @throws AdminRefused */
export function toEnd(text: string, now = Date.now()): Date {
  const at = toTime(text, now, 1);
  if (Number.isNaN(at)) throw new AdminRefused("--until takes 30m, 12h, 7d, 2027-01-31 or 2027-01-31T12:00Z");
  if (at <= now) throw new AdminRefused(`--until ${text} has passed`);
  return new Date(at);
}
