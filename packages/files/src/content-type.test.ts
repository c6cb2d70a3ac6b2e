import { expect, test } from "vitest";
import { SVG } from "../test/hostile.ts";
import { isShownInPlace, sniffType } from "./content-type.ts";
import { safeFileName } from "./file-name.ts";

test.each([
  ["%PDF-1.7 …", "application/pdf"],
  ["PK\u0003\u0004", "application/zip"],
  ["<!doctype html><script>alert(1)</script>", "text/plain"],
  ["ein Text mit Ümlauten", "text/plain"],
  [SVG, "application/xml"],
  ["\u0000\u0001\u0002", "application/octet-stream"],
  ["", "application/octet-stream"],
])("the type of %j comes from its content", async (content, type) => {
  expect(await sniffType(Buffer.from(content))).toBe(type);
  expect(isShownInPlace(type, false)).toBe(false);
});

test("only decoded pictures, video and sound are shown in place", () => {
  expect(isShownInPlace("image/png", true)).toBe(true);
  expect(isShownInPlace("image/png", false)).toBe(false);
  expect(isShownInPlace("image/svg+xml", true)).toBe(false);
  expect(isShownInPlace("video/mp4", false)).toBe(true);
  expect(isShownInPlace("text/html", true)).toBe(false);
});

test.each([
  ["report.pdf", "report.pdf"],
  ["../../etc/passwd", "passwd"],
  ["C:\\fakepath\\photo.jpg", "photo.jpg"],
  ["..", "file"],
  [".htaccess", "htaccess"],
  ["a\u0000b\r\nSet-Cookie: x.txt", "abSet-Cookie x.txt"],
  ["invoice\u202efdp.exe", "invoicefdp.exe"],
  ["con.txt", "file"],
  ["   ", "file"],
  ["Müsli 🍓.png", "Müsli 🍓.png"],
  ["\ud800.png", "png"],
])("the name %j becomes %j", (name, safe) => {
  expect(safeFileName(name)).toBe(safe);
});

test("a long name is cut between characters and keeps its extension", () => {
  const name = safeFileName(`${"🍓".repeat(200)}.jpeg`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name).toMatch(/^🍓+\.jpeg$/u);
});
