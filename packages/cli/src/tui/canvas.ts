import { EventEmitter } from "node:events";
import { widthOf } from "../width.ts";

export interface Cursor {
  readonly row: number;
  readonly column: number;
}

interface Out {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** Terminals that know it show nothing of a frame until it is whole. */
const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";
const HIDE = "\u001b[?25l";
const SHOW = "\u001b[?25h";
/** It sounds at most so often. */
const BELL_MS = 2_000;
const ESCAPE = "\u001b";
/** Colours, and links. */
const CODES = new RegExp(`${ESCAPE}(?:\\[[0-9;:]*m|\\][^\\u0007]*\\u0007)`, "g");
const DIVIDER = "│";

/**
 * The screen that Ink writes its frames to: only rows that differ are sent, each to its place. Where a row has wide characters, what
 * stands behind them is put to its column: a terminal that measures them otherwise shifts nothing.
 */
export class Canvas extends EventEmitter {
  readonly isTTY = true;
  readonly #out: Out;
  #shown: readonly string[] = [];
  #cursor: Cursor = { row: 0, column: 0 };
  #placed: Cursor | undefined;
  #isHeld = false;
  #bellAt = Number.NEGATIVE_INFINITY;

  constructor(out: Out) {
    super();
    this.#out = out;
  }

  /** Some terminals do not know their size, and say 0. */
  get columns(): number {
    return Math.max(this.#out.columns || 80, 10);
  }

  get rows(): number {
    return Math.max(this.#out.rows || 24, 4);
  }

  /** Where the cursor stands with the next frame. */
  place(cursor: Cursor): void {
    this.#cursor = cursor;
  }

  /** Sounds, or marks the window of tmux. */
  bell(): void {
    const now = performance.now();
    if (this.#isHeld || now - this.#bellAt < BELL_MS) return;
    this.#bellAt = now;
    this.#out.write("\u0007");
  }

  /** Draws nothing until `redraw`: the terminal is somebody else's. */
  hold(): void {
    this.#isHeld = true;
  }

  /** What was drawn is gone: the next frame is drawn as a whole. */
  forget(): void {
    this.#isHeld = false;
    this.#shown = [];
  }

  /** A whole frame, one row a line. */
  write(frame: string): boolean {
    if (this.#isHeld) return true;
    const rows = frame.split("\n").slice(0, this.rows);
    const changed = rows.flatMap((row, at) => (row === this.#shown[at] ? [] : [`${to(at)}\u001b[2K${anchored(row)}`]));
    const rest = this.#shown.length > rows.length ? `${to(rows.length)}\u001b[J` : "";
    const clear = this.#shown.length === 0 ? "\u001b[H\u001b[2J" : rest;
    this.#shown = rows;
    const { row, column } = this.#cursor;
    const isSame = clear === "" && changed.length === 0 && row === this.#placed?.row && column === this.#placed.column;
    if (isSame) return true;
    this.#placed = this.#cursor;
    this.#out.write(`${BEGIN}${HIDE}${clear}${changed.join("")}${to(row, column)}${SHOW}${END}`);
    return true;
  }
}

function to(row: number, column = 0): string {
  return `\u001b[${row + 1};${column + 1}H`;
}

/** Dividers stand in their columns whatever is before them. */
function anchored(row: string): string {
  const parts = row.split(DIVIDER);
  let column = 0;
  return parts
    .map((part, at) => {
      const text = part.replace(CODES, "");
      const mark = at === 0 ? "" : `\u001b[${column + 1}G${DIVIDER}`;
      column += widthOf(text) + (at === 0 ? 0 : 1);
      return mark + part;
    })
    .join("");
}
