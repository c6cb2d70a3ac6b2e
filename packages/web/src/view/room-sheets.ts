import { OVERRIDABLE, type Permission, permits, ROLES, type Role, type Room } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { settingsWith } from "../room-settings.ts";
import { make } from "./element.ts";
import { checkbox, closeSheet, field, openSheet, section, select, textInput } from "./sheet.ts";

const SLOW = { 0: "Off", 10: "10 seconds", 30: "30 seconds", 60: "A minute", 300: "5 minutes", 3600: "An hour" };
const WHAT: Readonly<Record<(typeof OVERRIDABLE)[number], string>> = {
  post: "Write messages",
  react: "React",
  "mention-all": "Mention everybody",
  pin: "Pin messages",
  invite: "Invite people",
  "delete-any": "Delete messages of others",
  kick: "Remove members",
  mute: "Mute members",
  ban: "Ban people",
  "read-revisions": "Read earlier texts",
  audit: "Read the audit",
};

export function mayInRoom({ role, settings }: Room, permission: Permission): boolean {
  return role !== null && role !== undefined && permits(role, permission, settings?.permissions);
}

/** Name, topic, and what is special about a room. */
export function openSettings(app: App, room: Room): void {
  const { settings = {} } = room;
  const name = textInput(room.name, { maxlength: "64", required: "" });
  const topic = textInput(room.topic, { maxlength: "256" });
  const seconds = settings.slowModeSeconds ?? 0;
  const slow = select({ ...SLOW, ...(seconds in SLOW ? {} : { [seconds]: `${seconds} seconds` }) }, `${seconds}`);
  const past = checkbox("Newcomers see nothing from before they joined", settings.history === "joined");
  const roles = OVERRIDABLE.map(
    (permission) => [permission, permissionSelect(permission, settings.permissions?.[permission])] as const,
  );
  const more = make("details", "", [
    make("summary", "", "Who may do what"),
    ...roles.map(([permission, input]) => field(WHAT[permission], input)),
  ]);
  const save = async (): Promise<void> => {
    const chosen = roles.filter(([, { value }]) => value !== "").map(([permission, { value }]) => [permission, value]);
    const isSaved = await app.chat?.do(async (http) => {
      const change = { name: name.value, topic: topic.value };
      return http.rooms.change(room.id, {
        ...(change.name === room.name ? { topic: change.topic } : change),
        settings: settingsWith(settings, {
          slowModeSeconds: Number(slow.value),
          isPastHidden: past.input.checked,
          permissions: Object.fromEntries(chosen),
        }),
      });
    });
    if (isSaved !== undefined) closeSheet();
  };
  const fields = [field("Name", name), field("Topic", topic), field("Time between two messages of a member", slow)];
  openSheet("Settings of the room", [section("", [...fields, past.row, more], { label: "Save", act: save })]);
}

function permissionSelect(permission: (typeof OVERRIDABLE)[number], chosen: Role | undefined): HTMLSelectElement {
  const roles = Object.fromEntries(ROLES.map((role) => [role, role === "owner" ? "Owners" : `${role} and above`]));
  const made = select({ "": "As usual", ...roles }, chosen ?? "");
  made.name = permission;
  return made;
}
