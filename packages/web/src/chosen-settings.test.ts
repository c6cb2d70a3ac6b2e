import { expect, test } from "vitest";
import { chosenSettings } from "./chosen-settings.ts";

test("saving the settings of a room takes away what the form has emptied, and keeps what it does not show", () => {
  const present = { archived: true, keepRevisions: false, slowModeSeconds: 5, history: "joined" } as const;
  const nothing = { slowModeSeconds: 0, isPastHidden: false, permissions: {} };
  expect(chosenSettings(present, nothing)).toEqual({ keepRevisions: false });
  const all = { slowModeSeconds: 60, isPastHidden: true, permissions: { pin: "member" } } as const;
  const chosen = { slowModeSeconds: 60, history: "joined", permissions: { pin: "member" } };
  expect(chosenSettings({}, all)).toEqual(chosen);
});
