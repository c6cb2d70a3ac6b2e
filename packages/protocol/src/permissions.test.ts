import { expect, test } from "vitest";
import { OVERRIDABLE, PERMISSIONS, type Permission, permits, ROLES } from "./permissions.ts";

const permissions = Object.keys(PERMISSIONS) as Permission[];

test.each(OVERRIDABLE)("the room's choice for %s holds for every role, and for no other permission", (permission) => {
  for (const [weakest, chosen] of ROLES.entries()) {
    const overrides = { [permission]: chosen };
    expect(ROLES.filter((role) => permits(role, permission, overrides))).toEqual(ROLES.slice(weakest));
    for (const other of permissions.filter((one) => one !== permission)) {
      expect(ROLES.filter((role) => permits(role, other, overrides))).toEqual(
        ROLES.filter((role) => permits(role, other)),
      );
    }
  }
});

test("without a choice of the room the table decides", () => {
  for (const permission of permissions) {
    const weakest = ROLES.indexOf(PERMISSIONS[permission]);
    for (const overrides of [undefined, {}, { [permission]: undefined }]) {
      expect(ROLES.filter((role) => permits(role, permission, overrides))).toEqual(ROLES.slice(weakest));
    }
  }
});
