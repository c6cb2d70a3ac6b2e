import { OVERRIDABLE, type Permission, ROLES, type Room } from "@hubbub/protocol";
import { useState } from "react";
import { settingsWith } from "../../model/room-settings.ts";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Field, Select } from "../parts/part.tsx";
import { Toggle } from "../parts/toggle.tsx";

const SLOW: readonly (readonly [string, string])[] = [
  ["0", "Off"],
  ["10", "10 seconds"],
  ["30", "30 seconds"],
  ["60", "A minute"],
  ["300", "5 minutes"],
  ["3600", "An hour"],
];
const WHO: readonly (readonly [string, string])[] = [
  ["", "As usual"],
  ...ROLES.map((role) => [role, role === "owner" ? "Owners" : `${role} and above`] as const),
];
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

/** Name, topic, and what is special about a room. */
export function SettingsSheet({ room, close }: { room: Room; close: () => void }) {
  const { app } = useModel();
  const { settings = {} } = room;
  const [isPastHidden, setPastHidden] = useState(settings.history === "joined");
  const [keepsRevisions, setKeepsRevisions] = useState(settings.keepRevisions !== false);
  const seconds = `${settings.slowModeSeconds ?? 0}`;
  const slow = SLOW.some(([value]) => value === seconds) ? SLOW : [...SLOW, [seconds, `${seconds} seconds`] as const];
  const save = async (values: FormData): Promise<void> => {
    const roles = OVERRIDABLE.map((permission) => [permission, textIn(values, permission)] as const);
    const change = { name: textIn(values, "name"), topic: textIn(values, "topic") };
    const isSaved = await app.chat?.do(async (http) =>
      http.rooms.change(room.id, {
        ...(change.name === room.name ? { topic: change.topic } : change),
        settings: settingsWith(settings, {
          slowModeSeconds: Number(textIn(values, "slow")),
          isPastHidden,
          keepsRevisions,
          permissions: Object.fromEntries(roles.filter(([, role]) => role !== "")),
        }),
      }),
    );
    if (isSaved !== undefined) close();
  };
  return (
    <Dialog id="sheet" title="Settings of the room" close={close}>
      <FormPart submit="Save" act={save}>
        <Field label="Name">
          <input name="name" dir="auto" maxLength={64} required defaultValue={room.name} />
        </Field>
        <Field label="Topic">
          <input name="topic" dir="auto" maxLength={256} defaultValue={room.topic} />
        </Field>
        <Field label="Time between two messages of a member">
          <Select name="slow" options={slow} chosen={seconds} />
        </Field>
        <Toggle label="Newcomers see nothing from before they joined" isOn={isPastHidden} change={setPastHidden} />
        <Toggle
          id="keeps-revisions"
          label="Earlier texts of edited messages are kept"
          isOn={keepsRevisions}
          change={setKeepsRevisions}
        />
        <details>
          <summary>Who may do what</summary>
          {OVERRIDABLE.map((permission: Permission & keyof typeof WHAT) => (
            <Field key={permission} label={WHAT[permission]}>
              <Select name={permission} options={WHO} chosen={settings.permissions?.[permission] ?? ""} />
            </Field>
          ))}
        </details>
      </FormPart>
    </Dialog>
  );
}
