import { expect, test } from "vitest";
import { settingsWith } from "./room-settings.ts";

test("settings that the sheet does not offer stay, and what is not chosen goes", () => {
  const settings = { archived: true, keepRevisions: false, history: "joined", slowModeSeconds: 30 } as const;
  const choice = { slowModeSeconds: 0, isPastHidden: false, permissions: { pin: "member" } } as const;
  expect(settingsWith(settings, choice)).toEqual({ keepRevisions: false, permissions: { pin: "member" } });
  const other = { slowModeSeconds: 10, isPastHidden: true, permissions: {} };
  expect(settingsWith({}, other)).toEqual({ slowModeSeconds: 10, history: "joined" });
});
