import { expect, test } from "vitest";
import { auditWords } from "./audit-words.ts";

const entry = (act: string, more: object = {}) =>
  auditWords({ id: "1", at: 1, actor: "u", actorName: "ada", act, outcome: "done", ...more } as never);
const onBob = { subject: "b", subjectName: "bob" };

test("an entry of the audit is a sentence", () => {
  expect(entry("role_set", { ...onBob, details: { role: "admin" } })).toBe("ada made bob an admin");
  expect(entry("member_mute", { ...onBob, details: { until: 5_000 } })).toMatch(/^ada muted bob until .*1970/);
  expect(entry("member_ban", onBob)).toBe("ada banned bob");
  expect(entry("room_change", { details: { changed: ["topic", "settings"] } })).toBe(
    "ada changed the topic, the settings",
  );
  expect(entry("message_delete", { ...onBob, seq: 7 })).toBe("ada deleted message 7 of bob");
  expect(entry("role_set", { actor: "system", actorName: undefined, subject: "x", details: { role: "owner" } })).toBe(
    "the system made somebody an owner",
  );
  expect(entry("later_act", onBob)).toBe("ada later_act bob");
});

/** As docs/moderation.md lists them. */
const IN_ROOMS = `role_set member_remove member_ban member_unban member_mute member_unmute room_change room_archive room_unarchive
  room_delete room_reopen room_chain invite_create invite_revoke invitation_create message_delete report_close`;

test("every act in a room has words", () => {
  for (const act of IN_ROOMS.split(/\s+/)) expect(entry(act, onBob)).not.toContain(act);
});
