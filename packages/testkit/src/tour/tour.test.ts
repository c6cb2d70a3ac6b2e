import { expect, test } from "vitest";
import { faultOf, readSteps } from "./tour.ts";

const DOCUMENT = `# The tour
## First
Text.

\`\`\`sh
echo 1
\`\`\`

\`\`\`json
{"a": "…"}
\`\`\`

## Second

\`\`\`sh
true
\`\`\`

This is shown only:

\`\`\`json
{}
\`\`\`
`;

test("a block of sh has the block right below it as its expectation, and no other", () => {
  expect(readSteps(DOCUMENT)).toEqual([
    {
      title: "First",
      summary: "Text.",
      line: 5,
      script: "echo 1",
      expected: { language: "json", lines: ['{"a": "…"}'] },
    },
    { title: "Second", summary: "true", line: 15, script: "true", expected: null },
  ]);
});

test.each([
  ['{"a":1,"b":2}', '{"a": 1}', true],
  ['{"a":1}', '{"a": 2}', false],
  ['{"b":1}', '{"a": "…"}', false],
  ['{"a":{"c":[1,2]}}', '{"a": {"c": [1, "…"]}}', true],
  ['{"a":[1,2]}', '{"a": [1]}', false],
  ['{"a":"hub_123"}', '{"a": "hub_…"}', true],
  ['{"a":null}', '{"a": null}', true],
  ["not JSON", '{"a": 1}', false],
])("%s is held against %s", (output, line, fits) => {
  expect(faultOf({ language: "json", lines: [line] }, output) === null).toBe(fits);
});

test("text fits line by line, and a block without an expectation prints nothing", () => {
  const text = (...lines: string[]) => ({ language: "text" as const, lines });
  expect(faultOf(text("ada … hello.", "b"), "ada 12:00 hello.\nb\n")).toBeNull();
  expect(faultOf(text("ada … hello."), "ada 12:00 hellos")).toBe("line 1 is another one");
  expect(faultOf(text("a"), "a\nb")).toBe("expected 1 lines, got 2");
  expect(faultOf(null, "\n")).toBeNull();
  expect(faultOf(null, '{"code":"forbidden"}')).toBe("expected 0 lines, got 1");
});
