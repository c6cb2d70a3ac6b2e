import { expect, test } from "vitest";
import { parseVerifyArguments } from "./verify-command.ts";

const ROOM = "0196f2a0-0000-7000-8000-000000000001";

test("verify takes a room by its id, and --json", () => {
  expect(parseVerifyArguments([])).toEqual({ room: undefined, isJson: false });
  expect(parseVerifyArguments(["--room", ROOM, "--json"])).toEqual({ room: ROOM, isJson: true });
});

test.each([["--room", "lobby"], ["--room"], ["--rooms"], ["now"]])("verify %s %s is not understood", (...args) => {
  expect(parseVerifyArguments(args)).toBeNull();
});
