import { expect, test } from "vitest";
import { maskAddress, maskHooks, maskMails } from "./mask.ts";

test.each([
  ["ada@example.org", "a***@***.org"],
  ["550 no mailbox <ada.lovelace+tea@mail.example.co.uk>, sorry", "550 no mailbox <a***@***.uk>, sorry"],
  ["josé@exämple.org and b@x.de", "j***@***.org and b***@***.de"],
  ["redis://user:secret@db.example.org:6379", "redis://user:s***@***.org:6379"],
  ["at node_modules/@scope/pkg@1.2.3/index.js", "at node_modules/@scope/pkg@1.2.3/index.js"],
  ["@ada look", "@ada look"],
])("%j is shown as %j", (text, masked) => {
  expect(maskMails(text)).toBe(masked);
});

test("a line of JSON stays one when an escape stands in front of an address", () => {
  for (const text of ["\u001bada@example.org", "\nada@example.org", '"ada@example.org', "\\ada@example.org"])
    expect(JSON.parse(maskMails(JSON.stringify({ text }))).text).toMatch(/a\*{3}@\*{3}\.org$/);
});

test("a long line without addresses is searched in linear time", () => {
  const line = `${"a".repeat(200_000)}@`;
  const begunAt = performance.now();
  expect(maskMails(line)).toBe(line);
  expect(performance.now() - begunAt).toBeLessThan(5_000);
});

test.each([
  ["192.0.2.17", "192.0.x.x"],
  ["2001:db8:1:2::/64", "2001:db8:x"],
  ["::1", "::x"],
  ["unix", "x"],
])("the address %s is shown as %s", (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
});

test("the secret of a hook is hidden wherever its path stands", () => {
  expect(maskHooks('{"path":"/api/v1/hooks/in/0199-a/abc_DEF-1","method":"POST"}')).toBe(
    '{"path":"/api/v1/hooks/in/0199-a/***","method":"POST"}',
  );
});
