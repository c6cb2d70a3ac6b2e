import { expect, test } from "vitest";
import { actsOn } from "./member-acts.ts";

test("acts on a member are offered to stronger roles only, and never a role as strong as the own one", () => {
  expect(actsOn("member", "guest")).toEqual({ roles: [], mute: false, kick: false, ban: false });
  expect(actsOn("moderator", "member")).toEqual({ roles: [], mute: true, kick: true, ban: true });
  expect(actsOn("admin", "member").roles).toEqual(["guest", "moderator"]);
  expect(actsOn("admin", "admin")).toMatchObject({ roles: [], kick: false });
  expect(actsOn("owner", "owner").roles).toEqual(["guest", "member", "moderator", "admin"]);
  expect(actsOn(null, "guest")).toMatchObject({ roles: [], mute: false });
});

test("a room may choose another role for a permission", () => {
  expect(actsOn("moderator", "member", { ban: "admin", kick: "owner" })).toMatchObject({
    mute: true,
    kick: false,
    ban: false,
  });
});
