import { ProtocolError } from "./error-codes.ts";
import { type Permission, permits, ROLES, type Role } from "./permissions.ts";
import type { RoomSettings } from "./room-settings.ts";

/** What a user is in a room. */
export interface Standing {
  readonly role: Role;
  /** Until then (Unix ms) the member may only read; `MAX_SAFE_INTEGER`: without end. */
  readonly mutedUntil?: number | undefined;
  /** Of the room; undefined: nothing is special. */
  readonly settings?: RoomSettings | undefined;
  /** Earlier events are not shown to this member. */
  readonly from: number;
  /** The room has too many members for `@room` and `@here`. Known only of the author of a message that has one of them. */
  readonly isCrowd?: true;
}

/** What a muted member may not do, and nobody in an archived room. */
const WRITES: ReadonlySet<Permission> = new Set(["post", "react", "pin", "mention-all"]);

export function allows({ role, settings }: Standing, permission: Permission): boolean {
  return permits(role, permission, settings?.permissions);
}

/** @throws ProtocolError room_archived, muted, forbidden */
export function requirePermission(standing: Standing, permission: Permission, now = Date.now()): void {
  const { mutedUntil = 0, settings } = standing;
  if (WRITES.has(permission)) {
    if (settings?.archived) throw new ProtocolError("room_archived");
    if (mutedUntil === Number.MAX_SAFE_INTEGER) throw new ProtocolError("muted", "you cannot write to this user");
    if (mutedUntil > now) throw new ProtocolError("muted", undefined, { retryAfterMs: mutedUntil - now });
  }
  if (!allows(standing, permission)) throw new ProtocolError("forbidden");
}

/** By role, of members from whom nothing is hidden. */
export function standingsWith(settings: RoomSettings | undefined): readonly Standing[] {
  return ROLES.map((role) => ({ role, settings, from: 0 }));
}

/** Those of all rooms without settings. */
export const ORDINARY_STANDINGS = standingsWith(undefined);

/** Whether nothing but the role decides what this member may do. */
export function isOrdinary({ settings, mutedUntil }: Standing): boolean {
  return settings === undefined && mutedUntil === undefined;
}
