import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { equal, type Rule, Skipped } from "./rule.ts";
import { RULES, rulesDocument } from "./rules.ts";
import { runRules } from "./run-rules.ts";
import { Subject } from "./subject.ts";

test("docs/conformance.md lists all rules, each with an id of its own", () => {
  const text = readFileSync(new URL("../../../docs/conformance.md", import.meta.url), "utf8");
  expect(text).toBe(rulesDocument());
  const ids = RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^C-[A-Z]+-\d{3}$/);
});

test("a rule passes, fails with a reason, or is skipped with a reason; no rule ends the others", async () => {
  const rule = (id: string, run: Rule["run"]): Rule => ({ id, title: id, run });
  const results = await runRules(new Subject("http://127.0.0.1:1"), [
    rule("good", async () => equal(1, 1, "one")),
    rule("bad", async () => equal(1, 2, "one")),
    rule("away", async (subject) => void (await subject.people())),
    rule("absent", async () => {
      throw new Skipped("not offered");
    }),
  ]);
  expect(results.map(({ id, result, reason }) => [id, result, reason])).toEqual([
    ["good", "pass", undefined],
    ["bad", "fail", "one: expected 2, got 1"],
    ["away", "fail", expect.stringContaining("fetch failed")],
    ["absent", "skip", "not offered"],
  ]);
});

test("no rule passes where there is no server", async () => {
  const results = await runRules(new Subject("http://127.0.0.1:1"), RULES);
  expect(results.filter(({ result }) => result !== "fail")).toEqual([]);
});
