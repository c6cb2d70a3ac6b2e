import type { Shell } from "./shell.ts";
import { faultOf, type Step } from "./tour.ts";

/** The exit code. Steps build upon each other, so the first that differs ends the walk. */
export async function walk(shell: Shell, steps: readonly Step[], document: string): Promise<number> {
  let title = "";
  for (const step of steps) {
    if (step.title !== title) console.log(`\n${step.title}`);
    title = step.title;
    const begunAt = performance.now();
    const { output, status } = await shell.run(step.script);
    const fault = status === 0 ? faultOf(step.expected, output) : `exit code ${status}`;
    if (fault !== null) {
      console.error(describe(document, step, output, fault));
      return 1;
    }
    console.log(`  ✓ ${firstSentence(step.summary)} (${((performance.now() - begunAt) / 1_000).toFixed(1)} s)`);
  }
  console.log(`\n${steps.length} steps, and every answer is as ${document} says.`);
  return 0;
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:]) (?=[A-Z`])/, 1).join("");
}

function describe(document: string, { line, script, expected }: Step, output: string, fault: string): string {
  const wanted = expected === null ? "nothing" : expected.lines.join("\n");
  return `  ✗ ${document}:${line}: ${fault}\n\n${script}\n\nexpected:\n${wanted}\n\ngot:\n${output}`;
}
