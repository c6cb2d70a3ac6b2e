import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const STEP_MS = 60_000;
const SECOND_MS = 1_000;

export interface Ran {
  readonly output: string;
  readonly status: number;
}

/** One bash for all steps, which keeps its variables and functions. Standard error is part of the output. */
export class Shell {
  readonly #bash;
  readonly #lines;
  readonly #end = `end-of-step-${process.pid}`;
  readonly #stepMs: number;

  constructor(env: NodeJS.ProcessEnv, cwd: string, stepMs = STEP_MS) {
    this.#stepMs = stepMs;
    this.#bash = spawn("bash", ["--noprofile", "--norc"], {
      env,
      cwd,
      stdio: ["pipe", "pipe", "inherit"],
      // A group of its own, which ends as one.
      detached: true,
    });
    this.#lines = createInterface({ input: this.#bash.stdout })[Symbol.asyncIterator]();
    this.#bash.stdin.write("exec 2>&1\n");
  }

  /** @throws when bash ended, or a step takes too long */
  async run(script: string): Promise<Ran> {
    const late = setTimeout(() => this.kill(), this.#stepMs);
    this.#bash.stdin.write(`{\n${script}\n} < /dev/null\necho "\n${this.#end} $?"\n`);
    const output: string[] = [];
    for (;;) {
      const next = await this.#lines.next();
      if (next.done === true) {
        clearTimeout(late);
        const seconds = this.#stepMs / SECOND_MS;
        throw new Error(`the shell ended, or the step took more than ${seconds} s. It wrote:\n${output.join("\n")}`);
      }
      if (next.value.startsWith(this.#end)) {
        clearTimeout(late);
        return { output: output.join("\n"), status: Number(next.value.split(" ")[1]) };
      }
      output.push(next.value);
    }
  }

  /** With what it started, unless that has a group of its own. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#bash;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
  }

  close(): void {
    this.#bash.stdin.end();
  }
}
