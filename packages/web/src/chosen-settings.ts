import type { SettingsOfRoom } from "@hubbub/client";
import type { RoomSettings } from "@hubbub/protocol";

/** What the form of the settings has. */
interface SettingsForm {
  /** 0: none. */
  readonly slowModeSeconds: number;
  readonly isPastHidden: boolean;
  /** What is absent is as usual. */
  readonly permissions: NonNullable<RoomSettings["permissions"]>;
}

/** All settings of the room anew: those that the form does not have stay as they are, for the server takes what is absent away. */
export function chosenSettings(present: RoomSettings, form: SettingsForm): SettingsOfRoom {
  const { archived: _a, slowModeSeconds: _s, history: _h, permissions: _p, ...others } = present;
  return {
    ...others,
    ...(form.slowModeSeconds === 0 ? {} : { slowModeSeconds: form.slowModeSeconds }),
    ...(form.isPastHidden ? { history: "joined" } : {}),
    ...(Object.keys(form.permissions).length === 0 ? {} : { permissions: form.permissions }),
  };
}
