import { expect, test } from "vitest";
import { parseAttackArguments } from "./arguments.ts";
import { broken, held } from "./probe.ts";
import { toMarkdown } from "./report.ts";
import { PROBES } from "./run-attack.ts";

test("attack runs only against a URL that its caller owns", () => {
  expect(() => parseAttackArguments(["https://a.example"])).toThrow("--i-own-this");
  expect(() => parseAttackArguments(["--i-own-this"])).toThrow("name one URL");
  expect(() => parseAttackArguments(["--i-own-this", "ftp://a.example"])).toThrow("no URL with http");
  expect(() => parseAttackArguments(["--i-own-this", "--fast", "https://a.example"])).toThrow("--fast");
  expect(parseAttackArguments(["--i-own-this", "https://a.example", "--json"])).toMatchObject({
    isJson: true,
    only: "",
  });
});

test("every probe names requirements of ASVS 5.0, but for what that does not ask for", () => {
  for (const { ids } of PROBES) for (const id of ids) expect(id).toMatch(/^\d{1,2}\.\d\.\d$/);
  expect(PROBES.filter(({ ids }) => ids.length === 0).map(({ name }) => name)).toEqual(["a message sent twice"]);
  expect(new Set(PROBES.map(({ name }) => name)).size).toBe(PROBES.length);
});

test("a report is in the order of the requirements, and what a server says cannot break the table", () => {
  const [first, second] = [
    PROBES.find(({ ids }) => ids.includes("12.1.1")),
    PROBES.find(({ ids }) => ids.includes("3.4.2")),
  ];
  if (first === undefined || second === undefined) throw new Error("there are no such probes");
  const text = toMarkdown(new URL("https://a.example/x"), new Date(0), [
    { probe: first, ...broken("a|b\n\u001b"), ms: 1 },
    { probe: second, ...held("fine"), ms: 2 },
  ]);
  expect(text.indexOf("V3.4.2")).toBeLessThan(text.indexOf("V12.1.1"));
  expect(text).toContain("| broken | a b · | 1 |");
  expect(text).toContain("1 held, 1 broken, 0 skipped");
});
