import { randomBytes } from "node:crypto";
import { type FileId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { FileLinks } from "./links.ts";

const [secret, older] = [randomBytes(32), randomBytes(32)];
const linked = { room: newId<RoomId>(), file: newId<FileId>() };
const user = newId<UserId>();
const NOW = 1_700_000_123_456;

test("a link ends, and lives for one to two times what is set", () => {
  const links = new FileLinks([secret], 900);
  const end = links.expiry(NOW);
  expect(end - NOW).toBeGreaterThan(900_000);
  expect(end - NOW).toBeLessThanOrEqual(1_800_000);
  const link = links.sign(linked, user, end);
  expect(links.verify(linked, link, end - 1)).toBe(user);
  expect(links.verify(linked, link, end)).toBeNull();
  expect(links.sign(linked, user, links.expiry(NOW + 1_000))).toBe(link);
});

test("a link of another file, room, user, end or secret is none, and neither is any other text", () => {
  const links = new FileLinks([secret], 900);
  const link = links.sign(linked, user, NOW + 1);
  expect(links.verify({ ...linked, file: newId<FileId>() }, link, NOW)).toBeNull();
  expect(links.verify({ ...linked, room: newId<RoomId>() }, link, NOW)).toBeNull();
  const [end = "", , seal = ""] = link.split(".");
  for (const wrong of [`${end}.${newId()}.${seal}`, `z${end}.${user}.${seal}`, `${end}.${user}.`, "", "a.b.c"]) {
    expect(links.verify(linked, wrong, NOW)).toBeNull();
  }
  expect(new FileLinks([older], 900).verify(linked, link, NOW)).toBeNull();
});

test("while signing keys rotate, links of the former one go on", () => {
  const link = new FileLinks([older], 900).sign(linked, user, NOW + 1);
  expect(new FileLinks([secret, older], 900).verify(linked, link, NOW)).toBe(user);
});
