import { harmlessJson, TERMINAL_CONTROLS } from "@hubbub/protocol";
import { masked } from "./masked.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Prints pages as they come. The columns are as wide as the first page needs. */
export interface Output {
  /** Rows of one kind: a table under a heading, or an object a line that names the kind. */
  list(kind: string, pages: AsyncIterable<readonly Row[]>): Promise<void>;
  /** What was done. */
  done(sentence: string, record: Row): void;
}

/** A wider value shifts the columns after it. */
const WIDTH_MAX = 48;

export function createOutput(
  { isJson, isMasked }: { readonly isJson: boolean; readonly isMasked: boolean },
  print: (text: string) => void,
): Output {
  const shown = isMasked ? masked : (row: Row) => row;
  const printJson = (row: Row) => print(`${harmlessJson(shown(row))}\n`);
  if (isJson)
    return {
      async list(kind, pages) {
        for await (const rows of pages) for (const row of rows) printJson({ kind, ...row });
      },
      done: (_sentence, record) => printJson({ kind: "done", ...record }),
    };
  return {
    list: (kind, pages) => printTable(kind, mapped(pages, shown), print),
    done: (sentence) => print(`${sentence}\n`),
  };
}

async function* mapped(pages: AsyncIterable<readonly Row[]>, shown: (row: Row) => Row): AsyncGenerator<Row[]> {
  for await (const rows of pages) yield rows.map(shown);
}

async function printTable(
  kind: string,
  pages: AsyncIterable<readonly Row[]>,
  print: (text: string) => void,
): Promise<void> {
  let widths: readonly number[] | null = null;
  for await (const rows of pages) {
    const [first] = rows;
    if (first === undefined) continue;
    const cells = rows.map((row) => Object.values(row).map(toCell));
    if (widths === null) {
      const heads = Object.keys(first).map((name) => name.toUpperCase());
      widths = widthsOf([heads, ...cells]);
      print(`${kind}\n${toLine(heads, widths)}`);
    }
    for (const line of cells) print(toLine(line, widths));
  }
  print(widths === null ? `${kind}: none\n` : "");
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  const [heads = []] = lines;
  return heads.map((_, at) => Math.min(WIDTH_MAX, Math.max(...lines.map((line) => [...(line[at] ?? "")].length))));
}

function toLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - [...cell].length)));
  return `  ${padded.join("  ").trimEnd()}\n`;
}

/** What users chose cannot drive the terminal. */
function toCell(value: unknown): string {
  if (value === null || value === undefined || value === "") return "-";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value))
    return value.every((one) => typeof one === "string") ? toCell(value.join(",")) : `${value.length}`;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.replace(TERMINAL_CONTROLS, "\ufffd");
}
