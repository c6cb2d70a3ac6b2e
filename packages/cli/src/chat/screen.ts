import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import type { Environment } from "../environment.ts";
import { fit, widthOf } from "../width.ts";

interface ScreenEvents {
  line(text: string): void;
  /** Ctrl-C, Ctrl-D, or the end of a piped stdin. */
  ended(): void;
}

/**
 * A terminal in two parts: what was said scrolls up, and below it stays what is not finished: own messages on their
 * way, one row each, and the line that is being typed. Without a terminal, or before `open`, it only prints.
 */
export class Screen {
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  #readline: Interface | undefined;
  #prompt = "";
  #pending: readonly string[] = [];

  constructor({ stdin, stdout }: Pick<Environment, "stdin" | "stdout">) {
    this.#input = stdin;
    this.#output = stdout;
    this.#isTerminal = stdin.isTTY && stdout.isTTY;
  }

  /** Starts to take what is typed. */
  open(events: ScreenEvents): void {
    const readline = createInterface({
      input: this.#input,
      ...(this.#isTerminal ? { output: this.#output } : {}),
      terminal: this.#isTerminal,
      prompt: this.#prompt,
    });
    this.#readline = readline;
    readline.on("line", (text) => {
      this.#eraseTyped(text);
      events.line(text);
    });
    readline.on("SIGINT", () => events.ended());
    readline.on("close", () => events.ended());
    if (this.#isTerminal) readline.prompt();
  }

  /** Adds lines above the part that stays. */
  print(...lines: readonly string[]): void {
    this.#redraw(lines, this.#pending);
  }

  /** What stays: prompt and own messages on their way. */
  show(prompt: string, pending: readonly string[]): void {
    this.#prompt = prompt;
    const columns = this.#columns() - 1;
    this.#redraw(
      [],
      pending.map((line) => fit(line, columns)),
    );
  }

  close(): void {
    const readline = this.#readline;
    this.#readline = undefined;
    if (readline === undefined) return;
    if (this.#isTerminal) this.#eraseKept(readline);
    readline.close();
  }

  #redraw(lines: readonly string[], pending: readonly string[]): void {
    const readline = this.#readline;
    if (!this.#isTerminal || readline === undefined) {
      for (const line of lines) this.#output.write(`${line}\n`);
      return;
    }
    this.#eraseKept(readline);
    this.#pending = pending;
    readline.setPrompt(this.#prompt);
    for (const line of [...lines, ...pending]) this.#output.write(`${line}\n`);
    this.#output.write("\n".repeat(rowsMovedUp(readline)));
    readline.prompt(true);
  }

  #eraseKept(readline: Interface): void {
    const { rows } = readline.getCursorPos();
    cursorTo(this.#output, 0);
    moveCursor(this.#output, 0, -(rows + this.#pending.length));
    clearScreenDown(this.#output);
  }

  /** After Enter the typed line stands above the cursor: it goes, and comes back when the server has it. */
  #eraseTyped(text: string): void {
    if (!this.#isTerminal) return;
    const rows = Math.floor(widthOf(this.#prompt + text) / this.#columns()) + 1;
    cursorTo(this.#output, 0);
    moveCursor(this.#output, 0, -(rows + this.#pending.length));
    clearScreenDown(this.#output);
    this.#pending = [];
  }

  #columns(): number {
    return Math.max(this.#output.columns ?? 80, 10);
  }
}

/**
 * Before it draws, readline goes up by the rows that it last drew above the cursor, which after a paste is not where
 * the cursor is. It has to be given these rows.
 */
function rowsMovedUp(readline: Interface): number {
  return "prevRows" in readline && typeof readline.prevRows === "number" ? readline.prevRows : 0;
}
