import { randomBytes } from "node:crypto";
import { type FileId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { linkedFile, SignedLinks } from "./links.ts";

const [secret, older] = [randomBytes(32), randomBytes(32)];
const [room, file] = [newId<RoomId>(), newId<FileId>()];
const linked = linkedFile(room, file);
const user = newId<UserId>();
const NOW = 1_700_000_123_456;

test("a link ends, and lives for one to two times what is set", () => {
  const links = new SignedLinks([secret], 900);
  const end = links.expiry(NOW);
  expect(end - NOW).toBeGreaterThan(900_000);
  expect(end - NOW).toBeLessThanOrEqual(1_800_000);
  const link = links.sign(linked, user, end);
  expect(links.verify(linked, link, end - 1)).toBe(user);
  expect(links.verify(linked, link, end)).toBeNull();
  expect(links.sign(linked, user, links.expiry(NOW + 1_000))).toBe(link);
});

test("a link of another file, room, user, end or secret is none, and neither is any other text", () => {
  const links = new SignedLinks([secret], 900);
  const link = links.sign(linked, user, NOW + 1);
  expect(links.verify(linkedFile(room, newId()), link, NOW)).toBeNull();
  expect(links.verify(linkedFile(newId(), file), link, NOW)).toBeNull();
  const [end = "", , seal = ""] = link.split(".");
  for (const wrong of [`${end}.${newId()}.${seal}`, `z${end}.${user}.${seal}`, `${end}.${user}.`, "", "a.b.c"]) {
    expect(links.verify(linked, wrong, NOW)).toBeNull();
  }
  expect(new SignedLinks([older], 900).verify(linked, link, NOW)).toBeNull();
});

test("while signing keys rotate, links of the former one go on", () => {
  const link = new SignedLinks([older], 900).sign(linked, user, NOW + 1);
  expect(new SignedLinks([secret, older], 900).verify(linked, link, NOW)).toBe(user);
});
