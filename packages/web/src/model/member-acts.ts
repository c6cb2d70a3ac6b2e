import { type Overrides, outranks, permits, ROLES, type Role } from "@hubbub/protocol";

/** What one may do to a member; what one may not is not offered. The server decides anew. */
export interface MemberActs {
  /** Roles that one may give. */
  readonly roles: readonly Role[];
  readonly mute: boolean;
  readonly kick: boolean;
  readonly ban: boolean;
}

const NONE: MemberActs = { roles: [], mute: false, kick: false, ban: false };

/** `mine`: the own role; `other`: that of somebody else. */
export function actsOn(mine: Role | null | undefined, other: Role, overrides?: Overrides): MemberActs {
  if (mine === null || mine === undefined) return NONE;
  const isOwner = mine === "owner";
  // Nobody acts on a member of the same or a stronger role, except owners.
  if (!isOwner && outranks(other, mine)) return NONE;
  const may = (permission: "mute" | "kick" | "ban" | "set-role"): boolean => permits(mine, permission, overrides);
  const roles = ROLES.filter((role) => role !== other && (isOwner || !outranks(role, mine)));
  return { roles: may("set-role") ? roles : [], mute: may("mute"), kick: may("kick"), ban: may("ban") };
}
