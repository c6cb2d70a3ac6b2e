import { createInterface, type Interface, type Key } from "node:readline";
import type { Environment } from "../environment.ts";
import { Terminal } from "../terminal.ts";
import { fit, widthOf } from "../width.ts";
import { type Layout, layOut } from "./layout.ts";
import { LINE_BREAK, LineEditor, PASTE_MAX } from "./line-editor.ts";

interface ScreenEvents {
  /** `isPasted`: cannot be meant as a command. */
  line(text: string, isPasted: boolean): void;
  /** Ctrl-C, Ctrl-D, or the end of a piped stdin. */
  ended(): void;
}

const NOTHING: Layout = { rows: [], cursorRow: 0, cursorColumn: 0 };
/** Own messages on their way that are shown; the others are counted. */
const PENDING_ROWS_MAX = 5;
const CLEAR_SCREEN = "\u001b[H\u001b[2J";

/**
 * A terminal in two parts: what was said scrolls up, and below it stays what is not finished: own messages on their
 * way, one row each, and the line that is being typed. Without a terminal, or before `open`, it only prints.
 */
export class Screen {
  /** Whether there is somebody to talk to, who sees what is drawn. */
  readonly isTerminal: boolean;
  readonly #env: Environment;
  #terminal: Terminal | undefined;
  #editor: LineEditor | undefined;
  #lines: Interface | undefined;
  #prompt = "";
  #pending: readonly string[] = [];
  #shown = NOTHING;
  #isRedrawing = false;
  #isStopped = false;
  /** The next line is an answer, which nobody sees. */
  #secret: { readonly question: string; answered(text: string): void } | undefined;

  constructor(env: Environment) {
    this.#env = env;
    this.isTerminal = env.stdin.isTTY && env.stdout.isTTY && !env.isDumb;
  }

  /** What is typed and not yet given with Enter. */
  get typed(): string {
    return this.#secret === undefined ? (this.#editor?.text.replaceAll(LINE_BREAK, "\n") ?? "") : "";
  }

  /** Starts to take what is typed. */
  open(events: ScreenEvents): void {
    if (this.isTerminal) this.#openTerminal(events);
    else this.#openPipe(events);
  }

  /** Adds lines above the part that stays. */
  print(...lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\r\n`).join("");
    if (this.#editor === undefined) this.#env.stdout.write(text.replaceAll("\r\n", "\n"));
    else this.#redraw(text);
  }

  /** What stays: prompt and own messages on their way. */
  show(prompt: string, pending: readonly string[]): void {
    this.#prompt = prompt;
    this.#pending = pending;
    if (this.#editor !== undefined) this.#redraw();
  }

  /** Takes the next line of a terminal as the answer; it is drawn as dots and remembered nowhere. */
  askSecret(question: string, answered: (text: string) => void): void {
    this.#secret = { question, answered };
    if (this.#editor !== undefined) this.#editor.isSecret = true;
    this.#redrawSoon();
  }

  /** Takes no more lines of a pipe until `resume`. People at a terminal are never held up. */
  pause(): void {
    this.#lines?.pause();
  }

  resume(): void {
    this.#lines?.resume();
  }

  close(): void {
    const editor = this.#editor;
    this.#lines?.close();
    if (editor === undefined) return;
    this.#env.stdout.write(this.#erasure());
    this.#editor = undefined;
    editor.close();
    this.#terminal?.close();
    this.#env.stdout.off("resize", this.#resized);
  }

  #openPipe(events: ScreenEvents): void {
    this.#lines = createInterface({ input: this.#env.stdin, terminal: false });
    // A file may begin with a byte order mark, which is no part of its text.
    this.#lines.on("line", (text) => events.line(text.replace(/^\ufeff/, ""), false)).on("close", () => events.ended());
    this.#lines.on("error", () => events.ended());
  }

  #openTerminal(events: ScreenEvents): void {
    const editor = new LineEditor({
      ...events,
      line: (text, isPasted) => {
        const secret = this.#secret;
        this.#secret = undefined;
        editor.isSecret = false;
        if (secret === undefined) events.line(text, isPasted);
        else secret.answered(text);
      },
      pasteCut: () => this.print(`      · the paste was cut after ${PASTE_MAX} characters`),
    });
    this.#editor = editor;
    this.#terminal = new Terminal(this.#env, {
      key: (text, key) => this.#key(editor, text, key),
      resumed: () => {
        this.#isStopped = false;
        this.#shown = NOTHING;
        this.#redraw();
      },
      ended: () => events.ended(),
    });
    this.#env.stdout.on("resize", this.#resized);
    this.#redraw();
  }

  #key(editor: LineEditor, text: string | undefined, key: Key): void {
    if (key.ctrl === true && key.name === "z") this.#stop();
    else if (key.ctrl === true && key.name === "l") {
      this.#shown = NOTHING;
      this.#redraw(CLEAR_SCREEN);
    } else {
      editor.key(text, key);
      if (!editor.isPasting) this.#redrawSoon();
    }
  }

  /** Once for all keys that came together. */
  #redrawSoon(): void {
    if (this.#isRedrawing) return;
    this.#isRedrawing = true;
    queueMicrotask(() => {
      this.#isRedrawing = false;
      if (this.#editor !== undefined && !this.#isStopped) this.#redraw();
    });
  }

  #stop(): void {
    this.#env.stdout.write(this.#erasure());
    this.#shown = NOTHING;
    this.#isStopped = true;
    this.#terminal?.stop();
  }

  readonly #resized = (): void => this.#redraw();

  /** One write, so that nothing flickers. `text`: lines to be added above. */
  #redraw(text = ""): void {
    const erasure = this.#erasure();
    this.#shown = this.#layout();
    this.#env.stdout.write(erasure + text + drawing(this.#shown));
  }

  #layout(): Layout {
    const columns = this.#columns();
    const rowsMax = Math.max(this.#env.stdout.rows || 24, 4) - 1;
    const hidden = this.#pending.length - PENDING_ROWS_MAX;
    const pending = this.#pending.slice(0, Math.min(PENDING_ROWS_MAX, Math.floor(rowsMax / 3)));
    if (hidden > 0) pending.push(`      … and ${hidden} more`);
    const rows = pending.map((line) => fit(line, columns - 1));
    const { text = "", cursor = 0 } = this.#editor ?? {};
    const shown =
      this.#secret === undefined
        ? { prompt: this.#prompt, text }
        : { prompt: this.#secret.question, text: "•".repeat(text.length) };
    const line = layOut({ ...shown, prompt: fit(shown.prompt, columns / 2), cursor }, columns, rowsMax - rows.length);
    return { ...line, rows: [...rows, ...line.rows], cursorRow: rows.length + line.cursorRow };
  }

  /**
   * Goes up to the first row of what stays and erases from there. A terminal that has become narrower has broken the rows
   * that are too wide for it, and moved the cursor with them.
   */
  #erasure(): string {
    const { rows, cursorRow, cursorColumn } = this.#shown;
    if (rows.length === 0) return "";
    const columns = this.#columns();
    const above = rows
      .slice(0, cursorRow)
      .reduce((sum, row) => sum + Math.max(1, Math.ceil(widthOf(row) / columns)), 0);
    return `\r${up(above + Math.floor(cursorColumn / columns))}\u001b[J`;
  }

  /** Some terminals do not know their size, and say 0. */
  #columns(): number {
    return Math.max(this.#env.stdout.columns || 80, 10);
  }
}

function drawing({ rows, cursorRow, cursorColumn }: Layout): string {
  const right = cursorColumn > 0 ? `\u001b[${cursorColumn}C` : "";
  return `${rows.join("\r\n")}${up(rows.length - 1 - cursorRow)}\r${right}`;
}

function up(rows: number): string {
  return rows > 0 ? `\u001b[${rows}A` : "";
}
