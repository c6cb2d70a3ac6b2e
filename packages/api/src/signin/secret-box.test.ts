import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { SecretBox } from "./secret-box.ts";

const keyOf = (id: string) => ({ id, key: randomBytes(32) });

test("a sealed text opens for its owner only, and with its key only", () => {
  const key = keyOf("a");
  const box = new SecretBox([key]);
  const sealed = box.seal("secret", "ada");
  expect(sealed).not.toContain("secret");
  expect(box.seal("secret", "ada")).not.toBe(sealed);
  expect(box.open(sealed, "ada")).toEqual({ text: "secret", isOld: false });
  expect(box.open(sealed, "eve")).toBeNull();
  expect(new SecretBox([keyOf("a")]).open(sealed, "ada")).toBeNull();
  expect(new SecretBox([keyOf("b"), key]).open(sealed, "ada")).toEqual({ text: "secret", isOld: true });
});

test("a changed or cut text does not open", () => {
  const box = new SecretBox([keyOf("a")]);
  const sealed = box.seal("secret", "ada");
  const parts = sealed.split(".");
  for (let at = 1; at < parts.length; at += 1) {
    const changed = parts.with(at, `${parts[at]?.startsWith("A") ? "B" : "A"}${parts[at]?.slice(1)}`).join(".");
    expect(box.open(changed, "ada")).toBeNull();
    expect(box.open(parts.slice(0, at).join("."), "ada")).toBeNull();
  }
});
