import { expect, test } from "vitest";
import { isReservedName, skeletonOf, usernameKey } from "./names.ts";

test.each([
  ["Mississippi", "mississippi"],
  ["m\u0130ssissippi", "m\u0130ssissippi"],
  ["\u212Aelvin", "\u212Aelvin"],
])("the key of %s folds ASCII letters alone", (name, key) => {
  expect(usernameKey(name)).toBe(key);
});

test.each([
  ["alice", "Alice"],
  ["alice", "a1ice"],
  ["alice", "aIice"],
  ["bob", "b0b"],
  ["ada", "ada."],
  ["ada-l", "ada_l"],
  ["modem", "modern"],
])("%s and %s look alike", (name, twin) => {
  expect(skeletonOf(twin)).toBe(skeletonOf(name));
});

test("different names have different skeletons", () => {
  const names = ["ada", "adam", "bob", "alice", "grace", "ada-l", "ad-al"];
  expect(new Set(names.map(skeletonOf)).size).toBe(names.length);
});

test.each(["admin", "Adm1n", "root", "r00t", "hubbub", "unknown", "everyone", "here.", "guest-ada", "GUEST_ada"])(
  "%s is reserved",
  (name) => {
    expect(isReservedName(name)).toBe(true);
  },
);

test.each(["ada", "guestbook", "rooms-fan", "administer"])("%s is not reserved", (name) => {
  expect(isReservedName(name)).toBe(false);
});
