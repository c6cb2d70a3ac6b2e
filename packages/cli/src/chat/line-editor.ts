import { createInterface, type Interface, type Key } from "node:readline";
import { PassThrough, Writable } from "node:stream";

/** Stands for a line break inside of the line: readline would end the line there. */
export const LINE_BREAK = "\v";
/** Characters of one paste. More than a message can take; what comes behind it is dropped, and said. */
export const PASTE_MAX = 256 * 1024;
const HISTORY_MAX = 30;
const LINE_BREAKS = /\r\n|[\r\n\v\u2028\u2029]/g;
const CTRL_C = "\u0003";

export interface LineEditorEvents {
  /** `isPasted`: it begins with something pasted or has several lines, so that it cannot be meant as a command. */
  line(text: string, isPasted: boolean): void;
  pasteCut(): void;
  /** Ctrl-C, or Ctrl-D in an empty line. */
  ended(): void;
}

/**
 * The line that is being typed, edited with the keys of readline, which draws nothing here. A paste comes in as it is, with its line
 * breaks, and waits for Enter.
 */
export class LineEditor {
  readonly #readline: Interface;
  readonly #events: LineEditorEvents;
  /** What has come of the paste that goes on. */
  #paste: string | undefined;
  #beginsPasted = false;
  /** The line is not remembered. */
  isSecret = false;
  #isClosed = false;

  constructor(events: LineEditorEvents) {
    this.#events = events;
    this.#readline = createInterface({
      input: new PassThrough(),
      output: new Writable({ write: (_chunk, _encoding, done) => done() }),
      terminal: true,
      historySize: HISTORY_MAX,
    });
    this.#readline.on("line", (line) => this.#line(line));
    this.#readline.on("history", (lines: string[]) => this.isSecret && lines.shift());
    this.#readline.on("SIGINT", () => events.ended());
    this.#readline.on("close", () => {
      if (!this.#isClosed) events.ended();
      this.#isClosed = true;
    });
  }

  get text(): string {
    return this.#readline.line;
  }

  /** Index into `text`. */
  get cursor(): number {
    return this.#readline.cursor;
  }

  /** In the middle of a paste nothing changes. */
  get isPasting(): boolean {
    return this.#paste !== undefined;
  }

  key(text: string | undefined, key: Key): void {
    if (this.#isClosed) return;
    if (key.name === "paste-start") this.#paste = "";
    else if (key.name === "paste-end") this.#insert();
    else if (this.#paste !== undefined) this.#collect(text ?? key.sequence ?? "");
    else this.#type(text, key);
  }

  /** Whether the line is no command, however it begins. */
  get isPasted(): boolean {
    return this.#beginsPasted || this.text.includes(LINE_BREAK);
  }

  /** Another line instead of this one. */
  set(text: string, isPasted = false): void {
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    if (text !== "") this.#readline.write(text.replace(LINE_BREAKS, LINE_BREAK));
    this.#beginsPasted = isPasted && text !== "";
  }

  /** At the cursor, instead of what is between `from` and it. */
  insert(text: string, from = this.cursor): void {
    const [before, after] = [this.text.slice(0, from), this.text.slice(this.cursor)];
    const isPasted = this.#beginsPasted;
    this.set(before + text + after, isPasted);
    for (let left = [...after].length; left > 0; left -= 1) this.#readline.write(null, { name: "left" });
  }

  close(): void {
    this.#isClosed = true;
    this.#readline.close();
  }

  #type(text: string | undefined, key: Key): void {
    const recalls = key.name === "up" || key.name === "down" || (key.ctrl === true && /^[pn]$/.test(key.name ?? ""));
    this.#readline.write(text, key);
    if (recalls || this.text === "") this.#beginsPasted = false;
  }

  #collect(text: string): void {
    const paste = this.#paste ?? "";
    this.#paste = paste.length > PASTE_MAX ? paste : paste + text;
    // Ctrl-C ends a paste whose end marker was lost; otherwise every later key would count as pasted.
    if (text !== CTRL_C) return;
    this.#paste = undefined;
    this.#events.ended();
  }

  #insert(): void {
    const paste = (this.#paste ?? "").replace(/[\r\n]+$/, "").replace(LINE_BREAKS, LINE_BREAK);
    this.#paste = undefined;
    if (paste === "") return;
    if (this.text.slice(0, this.cursor).trim() === "") this.#beginsPasted = true;
    this.#readline.write(paste.slice(0, PASTE_MAX));
    if (paste.length > PASTE_MAX) this.#events.pasteCut();
  }

  #line(line: string): void {
    const isPasted = this.#beginsPasted || line.includes(LINE_BREAK);
    this.#beginsPasted = false;
    this.#events.line(line.replaceAll(LINE_BREAK, "\n"), isPasted);
  }
}
