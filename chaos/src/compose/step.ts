import type { Stack } from "./stack.ts";

/** One thing that is tried on a stack that runs. Answers what was seen. @throws when it is not as it should be */
export interface Step {
  readonly name: string;
  run(stack: Stack): Promise<string>;
}
