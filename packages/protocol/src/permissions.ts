/** Roles in a room, the weakest first. A role may do all that weaker ones may. */
export const ROLES = ["guest", "member", "moderator", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** The weakest role that may do it, where the room says nothing else. */
export const PERMISSIONS = {
  /** Messages, replies, edits and deletions of own messages. */
  post: "guest",
  react: "guest",
  /** `@room` and `@here`. */
  "mention-all": "moderator",
  pin: "moderator",
  invite: "member",
  "delete-any": "moderator",
  kick: "moderator",
  mute: "moderator",
  ban: "moderator",
  /** Earlier texts of edited messages. */
  "read-revisions": "moderator",
  /** Who did what in the room: bans, roles, deletions of messages. */
  audit: "moderator",
  /** Reports of messages: copies of them are shown even where the message was deleted, so no room chooses a weaker role. */
  reports: "moderator",
  /** Name, topic, slow mode, history for newcomers and the overrides of this table. */
  "change-room": "admin",
  /** Make and unmake moderators, members and guests. */
  "set-role": "admin",
  /** Make and unmake admins and owners; archive and delete the room. */
  own: "owner",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof PERMISSIONS;
/** What a room may choose otherwise. The others decide who owns it. */
export const OVERRIDABLE = [
  "post",
  "react",
  "mention-all",
  "pin",
  "invite",
  "delete-any",
  "kick",
  "mute",
  "ban",
  "read-revisions",
  "audit",
] as const satisfies readonly Permission[];
export type Overrides = { readonly [Key in (typeof OVERRIDABLE)[number]]?: Role | undefined };

export function permits(role: Role, permission: Permission, overrides: Overrides = {}): boolean {
  const chosen = permission in overrides ? overrides[permission as keyof Overrides] : undefined;
  return outranks(role, chosen ?? PERMISSIONS[permission]);
}

/** Whether `role` is at least as strong as `other`. */
export function outranks(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(other);
}
