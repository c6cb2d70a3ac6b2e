import { expect, test } from "vitest";
import { SETTING_NAMES } from "./settings.ts";
import { unknownSettings } from "./unknown-settings.ts";

test.each([
  ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
  ["TRUSTED_PROXYS", "TRUSTED_PROXIES"],
  ["LOGLEVEL", "LOG_LEVEL"],
  ["REDIS_URI", "REDIS_URL"],
  ["DATABASEURL", "DATABASE_URL"],
  ["HUBBUB_PORT", "PORT"],
  ["data_dir", "DATA_DIR"],
])("%s is named, with %s", (name = "", meant) => {
  expect(unknownSettings({ [name]: "x" })).toEqual([`${name} is no setting and has no effect. Did you mean ${meant}?`]);
});

test("a setting of an earlier version is named, with what to set instead", () => {
  expect(unknownSettings({ POSTS_PER_SECOND_PER_USER: "50", FLUSH_HOT_PER_SECOND: "1" })).toEqual([
    "POSTS_PER_SECOND_PER_USER is no setting any more and has no effect. Set PUBLISHES_PER_SECOND_PER_USER instead.",
    "FLUSH_HOT_PER_SECOND is no setting any more and has no effect. Set GATHER_FROM_PERCENT instead.",
  ]);
});

test("settings themselves and variables of other programs are not named", () => {
  const others = ["PATH", "HOME", "HOSTNAME", "PGHOST", "TEST_REDIS_URL", "NODE_OPTIONS", "HUBBUB_SERVER", "SPORT"];
  expect(unknownSettings(Object.fromEntries([...SETTING_NAMES, ...others].map((name) => [name, "x"])))).toEqual([]);
});
