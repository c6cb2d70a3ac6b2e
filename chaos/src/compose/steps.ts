import assert from "node:assert/strict";
import { infraFile, repositoryRoot, run } from "@hubbub/testkit";
import { addressSteps } from "./address-steps.ts";
import { containerSteps } from "./container-steps.ts";
import { hidesOperatorsPaths, keepsContract } from "./contract.ts";
import { hangsAndIsEnded, killInside, pausedGateway } from "./faults.ts";
import { leavingSteps } from "./leaving-steps.ts";
import { overrideSteps } from "./override-steps.ts";
import type { Stack } from "./stack.ts";
import { stateSteps } from "./state-steps.ts";
import type { Step } from "./step.ts";
import { underLoad } from "./under-load.ts";

const rollingMs = 600_000;

async function rollingRestart(stack: Stack): Promise<void> {
  const COMPOSE = await stack.command();
  await run(infraFile("docker/rolling-restart.sh"), ["gateway", "api", "writer"], {
    env: { ...stack.env, COMPOSE },
    cwd: repositoryRoot,
    timeoutMs: rollingMs,
  });
}

const loadSteps: readonly Step[] = [
  {
    name: "the public contract holds, with limits relaxed and four gateways",
    async run(stack) {
      stack.overrides = ["relaxed"];
      await stack.up({ GATEWAYS: "4" });
      assert.equal((await stack.containers("gateway")).length, 4);
      await hidesOperatorsPaths(stack);
      return await keepsContract(stack);
    },
  },
  {
    name: "gateways come and go under load: 4, 6, 2, 4",
    run: (stack) =>
      underLoad(stack, async () => {
        for (const GATEWAYS of ["6", "2", "4"]) {
          await stack.up({ GATEWAYS });
          assert.equal((await stack.containers("gateway")).length, Number(GATEWAYS));
        }
      }),
  },
  { name: "a rolling restart under load", run: (stack) => underLoad(stack, () => rollingRestart(stack)) },
  ...["gateway", "api", "writer", "redis", "postgres", "nginx"].map((service) => ({
    name: `a ${service} that is killed under load comes back`,
    run: (stack: Stack) => underLoad(stack, () => killInside(stack, service)),
  })),
  {
    name: "a gateway whose event loop stands still is ended and started again, under load",
    async run(stack) {
      let seen = "";
      const load = await underLoad(stack, async () => {
        seen = await hangsAndIsEnded(stack);
      });
      return `${seen}; ${load}`;
    },
  },
  { name: "a gateway that is paused by hand", run: pausedGateway },
];

export const STEPS: readonly Step[] = [
  ...containerSteps,
  ...addressSteps,
  ...loadSteps,
  ...leavingSteps,
  ...stateSteps,
  ...overrideSteps,
];
