import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const STEP_MS = 60_000;

export interface Ran {
  readonly output: string;
  readonly status: number;
}

/** One bash for all steps, which keeps its variables and functions. Standard error is part of the output. */
export class Shell {
  readonly #bash;
  readonly #lines;
  readonly #end = `end-of-step-${process.pid}`;

  constructor(env: NodeJS.ProcessEnv, cwd: string) {
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

  /** @throws when bash ended, or a step takes more than a minute */
  async run(script: string): Promise<Ran> {
    const late = setTimeout(() => process.kill(-(this.#bash.pid ?? 0), "SIGKILL"), STEP_MS);
    this.#bash.stdin.write(`{\n${script}\n} < /dev/null\necho "\n${this.#end} $?"\n`);
    const output: string[] = [];
    for (;;) {
      const next = await this.#lines.next();
      if (next.done === true) throw new Error("the shell ended, or the step took more than a minute");
      if (next.value.startsWith(this.#end)) {
        clearTimeout(late);
        return { output: output.join("\n"), status: Number(next.value.split(" ")[1]) };
      }
      output.push(next.value);
    }
  }

  close(): void {
    this.#bash.stdin.end();
  }
}
