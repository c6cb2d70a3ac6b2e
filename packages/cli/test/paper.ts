const ESCAPE = "\u001b";
const TOKEN = new RegExp(`${ESCAPE}\\[\\??(\\d*)([A-Za-z])|[\\s\\S]`, "g");

/**
 * An endless terminal that breaks its lines anew when its width changes, as most do. Lines are kept whole; the cursor is a
 * character of one of them, and stays with it.
 */
export class Paper {
  columns: number;
  #lines: string[] = [""];
  #line = 0;
  #offset = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  /** Rows as they are seen. */
  get rows(): string[] {
    return this.#lines.flatMap((line) => this.#rowsOf(line));
  }

  write(data: string): void {
    for (const [token, count = "", code] of data.matchAll(TOKEN)) {
      if (code === "A") this.#up(Number(count || 1));
      else if (code === "C") this.#offset += Number(count || 1);
      else if (code === "J") this.#erase();
      else if (token === "\r") this.#offset -= this.#offset % this.columns;
      else if (token === "\n") this.#down();
      else if (code === undefined) this.#put(token);
    }
  }

  #rowsOf(line: string): string[] {
    const count = Math.max(1, Math.ceil(line.length / this.columns));
    return Array.from({ length: count }, (_, row) => line.slice(row * this.columns, (row + 1) * this.columns));
  }

  #put(char: string): void {
    const line = (this.#lines[this.#line] ?? "").padEnd(this.#offset);
    this.#lines[this.#line] = line.slice(0, this.#offset) + char + line.slice(this.#offset + 1);
    this.#offset += 1;
  }

  #up(count: number): void {
    for (let row = 0; row < count; row += 1) {
      const column = this.#offset % this.columns;
      if (this.#offset >= this.columns) this.#offset -= this.columns;
      else if (this.#line > 0) {
        this.#line -= 1;
        this.#offset = (this.#rowsOf(this.#lines[this.#line] ?? "").length - 1) * this.columns + column;
      }
    }
  }

  #down(): void {
    const column = this.#offset % this.columns;
    if (this.#offset - column + this.columns < (this.#lines[this.#line] ?? "").length) this.#offset += this.columns;
    else {
      this.#line += 1;
      this.#offset = column;
      this.#lines[this.#line] ??= "";
    }
  }

  #erase(): void {
    this.#lines.length = this.#line + 1;
    this.#lines[this.#line] = (this.#lines[this.#line] ?? "").slice(0, this.#offset);
  }
}
