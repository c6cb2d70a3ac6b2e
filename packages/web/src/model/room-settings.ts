import type { RoomSettings } from "@hubbub/protocol";

/** What the sheet of a room's settings offers. */
export interface SettingsChoice {
  /** 0: no slow mode. */
  readonly slowModeSeconds: number;
  readonly isPastHidden: boolean;
  /** Earlier texts of edited messages, for their authors and for moderators. */
  readonly keepsRevisions: boolean;
  readonly permissions: NonNullable<RoomSettings["permissions"]>;
}

/** All settings with this choice: a change of a room replaces them, so those that the sheet does not offer go along. */
export function settingsWith(settings: RoomSettings, choice: SettingsChoice): Omit<RoomSettings, "archived"> {
  const {
    archived: _archived,
    slowModeSeconds: _slow,
    history: _history,
    keepRevisions: _revisions,
    permissions: _permissions,
    ...others
  } = settings;
  const { slowModeSeconds, isPastHidden, keepsRevisions, permissions } = choice;
  return {
    ...others,
    ...(slowModeSeconds === 0 ? {} : { slowModeSeconds }),
    ...(isPastHidden ? { history: "joined" } : {}),
    ...(keepsRevisions ? {} : { keepRevisions: false }),
    ...(Object.keys(permissions).length === 0 ? {} : { permissions }),
  };
}
