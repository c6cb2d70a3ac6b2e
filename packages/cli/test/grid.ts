const ESCAPE = "\u001b";
const TOKEN = new RegExp(`${ESCAPE}\\[([?\\d;]*)([A-Za-z])|${ESCAPE}\\][^\\u0007]*\\u0007|[\\s\\S]`, "gu");
const COMBINES = /^[\p{M}\p{Cf}\p{Emoji_Modifier}]$/u;

/**
 * A terminal of fixed size that knows where the cursor is sent, and erases. `widthOf`: how many columns it thinks a character
 * takes, which may not be what the program thinks.
 */
export class Grid {
  columns: number;
  rows: number;
  /** Modes that are on, such as `?1049`. */
  readonly modes = new Set<string>();
  readonly #widthOf: (char: string) => number;
  #cells: string[][] = [];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number, widthOf: (char: string) => number = () => 1) {
    this.columns = columns;
    this.rows = rows;
    this.#widthOf = widthOf;
  }

  get lines(): string[] {
    return Array.from({ length: this.rows }, (_, at) => (this.#cells[at] ?? []).join("").trimEnd());
  }

  get text(): string {
    return this.lines.join("\n");
  }

  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** In which column of the row a character stands for the first time. */
  columnOf(row: number, char: string): number {
    return (this.#cells[row] ?? []).indexOf(char);
  }

  write(data: string): void {
    for (const [token, parameters = "", code] of data.matchAll(TOKEN)) {
      const [first = 0, second = 0] = parameters.split(";").map(Number);
      if (code === "H") [this.#row, this.#column] = [Math.max(first, 1) - 1, Math.max(second, 1) - 1];
      else if (code === "G") this.#column = Math.max(first, 1) - 1;
      else if (code === "K") this.#cells[this.#row] = [];
      else if (code === "J") this.#cells.length = first === 2 ? 0 : Math.min(this.#cells.length, this.#row);
      else if (code === "h") this.modes.add(parameters);
      else if (code === "l") this.modes.delete(parameters);
      else if (code === undefined && !token.startsWith(ESCAPE)) this.#put(token);
    }
  }

  #put(char: string): void {
    const cells = this.#cells[this.#row] ?? [];
    this.#cells[this.#row] = cells;
    while (cells.length < this.#column) cells.push(" ");
    if (COMBINES.test(char) && this.#column > 0) {
      cells[this.#column - 1] += char;
      return;
    }
    const width = this.#widthOf(char);
    cells[this.#column] = char;
    for (let more = 1; more < width; more += 1) cells[this.#column + more] = "";
    this.#column += width;
  }
}
