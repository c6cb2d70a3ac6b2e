import type { AuditEntry } from "@hubbub/protocol";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

type Words = (entry: AuditEntry, subject: string) => string;

const detail = ({ details }: AuditEntry, name: string): string => {
  const value = details?.[name];
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
};
const until = (entry: AuditEntry): string => {
  const at = Number(detail(entry, "until"));
  return at > 0 ? ` until ${moment.format(at)}` : "";
};
const article = (role: string): string => `${/^[ao]/.test(role) ? "an" : "a"} ${role}`;

/** What is done in rooms: docs/moderation.md has the acts. */
const ACTS: Readonly<Record<string, Words>> = {
  role_set: (entry, subject) => `made ${subject} ${article(detail(entry, "role"))}`,
  member_remove: (_, subject) => `removed ${subject}`,
  member_ban: (entry, subject) => `banned ${subject}${until(entry)}`,
  member_unban: (_, subject) => `ended the ban of ${subject}`,
  member_mute: (entry, subject) => `muted ${subject}${until(entry)}`,
  member_unmute: (_, subject) => `ended the mute of ${subject}`,
  room_change: (entry) => `changed ${changed(entry)}`,
  room_archive: () => "archived the room",
  room_unarchive: () => "ended the archive",
  room_delete: () => "deleted the room",
  room_reopen: () => "brought the room back",
  room_chain: () => "chained the room",
  invite_create: (entry) => `made a link for ${detail(entry, "uses")} uses${until(entry)}`,
  invite_revoke: () => "revoked a link",
  invitation_create: (_, subject) => `invited ${subject}`,
  connections_read: (entry, subject) => `looked at connections of ${subject || detail(entry, "node") || "a room"}`,
  message_delete: ({ seq }, subject) => `deleted message ${seq ?? ""} of ${subject}`,
  report_close: (entry, subject) => `closed a report of a message of ${subject}: ${detail(entry, "state")}`,
};

const CHANGED: Readonly<Record<string, string>> = { name: "the name", topic: "the topic", settings: "the settings" };

function changed({ details }: AuditEntry): string {
  const names = Array.isArray(details?.["changed"]) ? details["changed"] : [];
  return names.map((name) => CHANGED[String(name)] ?? String(name)).join(", ") || "the room";
}

/** Who did what to whom, in one sentence. An act of a newer server has its own name. */
export function auditWords(entry: AuditEntry): string {
  const { actor, actorName, act, subject, subjectName } = entry;
  const whom = subjectName ?? (subject === undefined ? "" : "somebody");
  const what = ACTS[act]?.(entry, whom) ?? `${act} ${whom}`.trim();
  const who = actorName ?? (actor === "operator" || actor === "system" ? `the ${actor}` : "somebody");
  return `${who} ${what}`;
}
