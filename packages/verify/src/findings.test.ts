import { expect, test } from "vitest";
import { Findings, Look } from "./findings.ts";
import { toJson, toText } from "./report.ts";

function found(tell: (look: Look) => void): Findings {
  const look = new Look();
  tell(look);
  const findings = new Findings();
  findings.keep(look);
  return findings;
}

test("a place counts once, whichever check comes upon it; examples are few, counts are whole", () => {
  const findings = found((look) => {
    for (let at = 0; at < 3_000; at += 1) look.fault("hole", `room/${at}`, `${at}`, 2);
    look.note("waiting", "room/1", "one");
  });
  const again = new Look();
  again.fault("hole", "room/7", "7", 2);
  findings.keep(again);
  expect(findings.faults).toEqual({ hole: { count: 6_000, examples: ["0", "1", "2", "3", "4"] } });
  expect(findings.notes).toEqual({ waiting: { count: 1, examples: ["one"] } });
});

test("the report says how much was looked at, each check, examples and the verdict", () => {
  const clean = found((look) => look.count("rows", 12_345));
  expect(toText(clean, false)).toMatch(/ 12,345 {2}rows\n(.*\n)* +0 {2}hole .*\n(.*\n)*\nclean\n$/);
  const broken = found((look) => look.fault("hole", "room/5", "room x: 5"));
  expect(toText(broken, true)).toMatch(/ +1 {2}hole .*\n(.*\n)* {2}hole +room x: 5\n(.*\n)*not clean: hole\n$/);
  expect(JSON.parse(toJson(broken, true))).toMatchObject({ clean: false, faults: { hole: { count: 1 } } });
});

test("what to do about a fault of the projection is said once, for people and for programs", () => {
  const broken = found((look) => look.fault("text-left", "room/5", "room x: seq 5: its row has its text"));
  expect(toText(broken, true)).toMatch(
    /\nwhat to do\n {2}text-left +delete the rows of the message from hubbub.message_state/,
  );
  expect(JSON.parse(toJson(broken, true))).toMatchObject({ advice: { "text-left": expect.stringContaining("again") } });
});

test("what cannot be judged is said with the verdict", () => {
  const open = found((look) => look.note("renumbered", "room/5", "room x: 5 to 7", 3));
  expect(toText(open, false)).toMatch(/\nclean; 3 seqs cannot be judged \(renumbered\)\n$/);
});

test("rows of which Redis knows nothing were not compared with it, and the report says so", () => {
  const unknown = found((look) => look.count("rows", 10));
  expect(toText(unknown, true)).toContain("Redis knows none of these rooms");
  expect(
    toText(
      found((look) => look.count("heads", 1)),
      true,
    ),
  ).not.toContain("Redis knows none");
});
