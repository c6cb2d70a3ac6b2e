import { useState } from "react";
import type { Notifications, Permission } from "../../../model/notifications.ts";
import { isQuiet, type NotifyLevel, type NotifySettings } from "../../../model/notify-settings.ts";
import { useChat, useModel } from "../../model.ts";
import { Field, Part } from "../../parts/part.tsx";
import { Toggle } from "../../parts/toggle.tsx";
import { clockOf, dayOf } from "../../words.ts";

const LEVELS: readonly (readonly [NotifyLevel, string])[] = [
  ["all", "Everything"],
  ["mentions", "Mentions"],
  ["nothing", "Nothing"],
];
const MINUTE_MS = 60_000;
const QUIET: readonly (readonly [number, string])[] = [
  [30, "30 minutes"],
  [60, "An hour"],
  [240, "4 hours"],
  [1440, "A day"],
];
const DEFAULT_HOURS = { from: 22 * 60, to: 7 * 60 };

/** What this browser shows while nobody looks at the page. */
export function NotifyPart() {
  const { app } = useModel();
  const { permission, settings } = useChat((chat) => chat.notify);
  const notifications = app.chat?.own.attention.notifications;
  const change = (some: Partial<NotifySettings>): void => notifications?.set({ ...settings, ...some });
  return (
    <>
      <Part heading="In this browser">
        <PermissionRow permission={permission} notifications={notifications} />
        <fieldset id="notify-levels" className="segments">
          <legend className="visually-hidden">Notify of</legend>
          {LEVELS.map(([level, label]) => (
            <label key={level}>
              <input
                type="radio"
                name="notify"
                value={level}
                checked={settings.level === level}
                onChange={() => change({ level })}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <p className="muted">A room can have less: see its menu.</p>
        <Toggle
          id="notify-text"
          label="Show what was written"
          isOn={settings.showsText}
          change={(showsText) => change({ showsText })}
        />
      </Part>
      <Part heading="Do not disturb">
        <QuietUntil settings={settings} change={change} />
        <QuietHours settings={settings} change={change} />
      </Part>
    </>
  );
}

interface PermissionProps {
  readonly permission: Permission;
  readonly notifications: Notifications | undefined;
}

const PERMISSION_WORDS: Readonly<Record<Permission, string>> = {
  granted: "This browser shows notifications.",
  default: "This browser has not been asked yet.",
  denied: "This browser refuses notifications of this page. Allow them in its settings for this site.",
  unsupported: "This browser cannot show notifications of this page.",
};

function PermissionRow({ permission, notifications }: PermissionProps) {
  return (
    <>
      <p id="notify-permission" className="muted" role="status">
        {PERMISSION_WORDS[permission]}
      </p>
      {permission === "default" && (
        <button
          type="button"
          id="notify-ask"
          className="primary"
          onClick={() => void notifications?.ask().catch(reportError)}
        >
          Allow notifications
        </button>
      )}
    </>
  );
}

interface QuietProps {
  readonly settings: NotifySettings;
  change(some: Partial<NotifySettings>): void;
}

function QuietUntil({ settings, change }: QuietProps) {
  const { quietUntil } = settings;
  if (isQuiet({ ...settings, quietHours: undefined }, new Date()))
    return (
      <div className="toggle-row">
        <span id="quiet-until" role="status">
          Quiet until {dayOf(quietUntil)}, {clockOf(quietUntil)}
        </span>
        <button type="button" id="quiet-end" className="small" onClick={() => change({ quietUntil: 0 })}>
          End it
        </button>
      </div>
    );
  return (
    <Field label="Be quiet for">
      <select
        id="quiet-for"
        value=""
        onChange={({ target }) => change({ quietUntil: Date.now() + Number(target.value) * MINUTE_MS })}
      >
        <option value="">Not now</option>
        {QUIET.map(([minutes, label]) => (
          <option key={minutes} value={minutes}>
            {label}
          </option>
        ))}
      </select>
    </Field>
  );
}

function QuietHours({ settings: { quietHours }, change }: QuietProps) {
  const [hours, setHours] = useState(quietHours ?? DEFAULT_HOURS);
  const set = (name: "from" | "to", value: string): void => {
    const [hour, minute] = value.split(":").map(Number);
    if (hour === undefined || minute === undefined || Number.isNaN(hour + minute)) return;
    const next = { ...hours, [name]: hour * 60 + minute };
    setHours(next);
    change({ quietHours: next });
  };
  return (
    <>
      <Toggle
        id="quiet-hours"
        label="Every day"
        isOn={quietHours !== undefined}
        change={(isOn) => change({ quietHours: isOn ? hours : undefined })}
      />
      {quietHours !== undefined && (
        <div className="field-row">
          {(["from", "to"] as const).map((name) => (
            <Field key={name} label={name === "from" ? "From" : "To"}>
              <input type="time" value={timeOf(hours[name])} onChange={({ target }) => set(name, target.value)} />
            </Field>
          ))}
        </div>
      )}
    </>
  );
}

function timeOf(minutes: number): string {
  const pad = (value: number): string => `${value}`.padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
