import { type Loop, runLoop, unlessAborted } from "./retry.ts";

/** Work of a process in a loop, as the server ends it. */
export interface LoopRole {
  /** Ends the loop. Resolves when it has ended, or at the deadline. */
  drain(deadline: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Runs a loop until it is drained or stopped. `end` makes its next steps the last ones. */
export function startLoop(loop: Loop & { end(): void }): LoopRole {
  const running = runLoop(loop);
  return {
    async drain(deadline) {
      loop.end();
      await unlessAborted(running, deadline);
    },
    async stop() {
      loop.end();
      await running;
    },
  };
}
