import { expect, test } from "vitest";
import { settingsWith } from "./room-settings.ts";

test("settings that the sheet does not know stay, and what is not chosen goes", () => {
  const settings = { archived: true, keepRevisions: false, history: "joined", slowModeSeconds: 30, later: 1 } as const;
  const choice = {
    slowModeSeconds: 0,
    isPastHidden: false,
    keepsRevisions: true,
    permissions: { pin: "member" },
  } as const;
  expect(settingsWith(settings, choice)).toEqual({ later: 1, permissions: { pin: "member" } });
  const other = { slowModeSeconds: 10, isPastHidden: true, keepsRevisions: false, permissions: {} };
  expect(settingsWith({}, other)).toEqual({ slowModeSeconds: 10, history: "joined", keepRevisions: false });
});
