import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot } from "@hubbub/testkit";
import { expect, test } from "vitest";
import { FAULTS } from "./catalogue.ts";

const document = join(repositoryRoot, "docs/guarantees.md");
const text = readFileSync(document, "utf8");
const links = [...text.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, words = "", target = ""]) => ({ words, target }));

test("every test that docs/guarantees.md names stands in the file it points to", () => {
  const tests = links.filter(({ target }) => target.endsWith(".ts"));
  expect(tests.length).toBeGreaterThan(30);
  const missing = tests.filter(({ words, target }) => {
    const file = readFileSync(join(dirname(document), target), "utf8");
    return !file.includes(`"${words}`);
  });
  expect(missing).toEqual([]);
});

test("every drill that docs/guarantees.md names exists, and each guarantee is of some drill or test", () => {
  const drills = links.filter(({ words }) => words.startsWith("drill "));
  const names = new Set(FAULTS.map(({ name }) => name));
  expect(drills.filter(({ words }) => !names.has(words.slice("drill ".length)))).toEqual([]);
  const rules = new Set(FAULTS.flatMap(({ guarantees }) => guarantees as readonly string[]));
  for (const [, rule = ""] of text.matchAll(/^\*\*(G\d+) /gm)) {
    const isTested = rules.has(rule) || links.some(({ words }) => words.split(" ").includes(rule));
    expect(isTested, rule).toBe(true);
  }
  expect(names.size).toBe(FAULTS.length);
});
