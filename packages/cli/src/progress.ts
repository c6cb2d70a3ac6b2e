import { type Environment, tell } from "./environment.ts";
import { harmlessLine } from "./harmless.ts";

/** Between two lines where lines cannot be replaced. */
const LINE_MS = 10_000;
const START_OF_LINE = "\r\u001b[K";

/** How far something is, on stderr: one line that changes at a terminal, a line every ten seconds elsewhere. */
export class Progress {
  readonly #env: Pick<Environment, "stderr" | "isDumb">;
  #shown = "";
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(env: Pick<Environment, "stderr" | "isDumb">) {
    this.#env = env;
  }

  show(line: string): void {
    if (line === this.#shown) return;
    if (this.#isLive) this.#env.stderr.write(START_OF_LINE + harmlessLine(line));
    else {
      if (performance.now() - this.#shownAt < LINE_MS) return;
      tell(this.#env, line);
    }
    this.#shown = line;
    this.#shownAt = performance.now();
  }

  end(): void {
    if (this.#isLive && this.#shown !== "") this.#env.stderr.write(START_OF_LINE);
  }

  get #isLive(): boolean {
    return this.#env.stderr.isTTY === true && !this.#env.isDumb;
  }
}
