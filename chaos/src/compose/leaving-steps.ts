import { eventually, Person } from "@hubbub/testkit";
import type { Stack } from "./stack.ts";
import type { Step } from "./step.ts";
import { allToldToGo } from "./watchers.ts";

const backMs = 60_000;

async function backAfter(stack: Stack): Promise<number> {
  const began = performance.now();
  await eventually(async () => (await (await Person.arrive(stack.url)).connect(stack.wsUrl)).close(), {
    timeoutMs: backMs,
  });
  return Math.round(performance.now() - began);
}

function leaving(name: string, act: (stack: Stack) => Promise<unknown>): Step {
  return {
    name,
    async run(stack) {
      const seen = await allToldToGo(stack, () => act(stack));
      await stack.up();
      return `${seen}; a client is served ${await backAfter(stack)} ms after \`up\``;
    },
  };
}

/** Each way to stop or replace the front or a server tells every client to go within 3 s. */
export const leavingSteps: readonly Step[] = [
  leaving("`restart nginx` tells every client to go", (stack) => stack.compose("restart", "nginx")),
  leaving("`stop nginx` tells every client to go", (stack) => stack.compose("stop", "nginx")),
  leaving("`kill -s HUP nginx` renews the front, and tells every client to go", (stack) =>
    stack.compose("kill", "-s", "HUP", "nginx"),
  ),
  leaving("`restart gateway` tells every client to go", (stack) => stack.compose("restart", "gateway")),
  leaving("`stop` tells every client to go", (stack) => stack.compose("stop")),
  leaving("`down` tells every client to go", (stack) => stack.compose("down")),
];
