import type { Counts } from "./tally.ts";

const secondMs = 1_000;
const columns = ["sent", "acked", "received", "marks", "resumed", "gaps", "epochs"] as const;
const width = 9;

interface TimelineOptions {
  readonly take: () => Counts;
  readonly waiting: () => number;
  readonly print: (line: string) => void;
}

/** A line for every second, and one for everything that is done, as they happen. */
export class Timeline implements Disposable {
  readonly #options: TimelineOptions;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(options: TimelineOptions) {
    this.#options = options;
    options.print(
      `${" ".repeat(width)}${columns.map((name) => name.padStart(width)).join("")}${"waiting".padStart(width)}`,
    );
    this.#timer = setInterval(() => this.#second(), secondMs);
  }

  say(what: string): void {
    this.#options.print(`${this.#clock()}  -- ${what}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #second(): void {
    const counts = this.#options.take();
    const figures = columns.map((name) => `${counts[name]}`.padStart(width)).join("");
    const waiting = `${this.#options.waiting()}`.padStart(width);
    const refused = [...counts.refused].map(([code, count]) => `  ${count} ${code}`).join("");
    this.#options.print(`${this.#clock()}${figures}${waiting}${refused}`);
  }

  #clock(): string {
    return `${((performance.now() - this.#startedAt) / secondMs).toFixed(1)} s`.padStart(width);
  }
}
