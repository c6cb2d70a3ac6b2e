import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Files that a reader of one path through the code has to read. */
export interface ReadingPath {
  readonly name: string;
  readonly maxLines: number;
  /** Files and directories below packages/. A directory stands for all of its code except tests. */
  readonly read: readonly string[];
  /** Files and directories inside those of `read` that the path leaves out. */
  readonly skip: readonly string[];
}

export interface PathLines {
  readonly files: number;
  readonly lines: number;
  /** Entries of the path that name no code: the list is out of date. */
  readonly unmatched: readonly string[];
}

/** Lines by path below packages/, of all code that is no test. */
export type LinesByFile = ReadonlyMap<string, number>;

/** Reads `src/` and `lua/` of every package below `root`. */
export async function readLines(root: string): Promise<LinesByFile> {
  const paths = await readdir(root, { recursive: true });
  const code = paths.filter((path) => /^[^/]+\/(src|lua)\//.test(path) && /(?<!\.test)\.(ts|tsx|lua)$/.test(path));
  return new Map(await Promise.all(code.map(async (path) => [path, await linesOf(join(root, path))] as const)));
}

export function countPath({ read, skip }: ReadingPath, lines: LinesByFile): PathLines {
  const files = [...lines].filter(([file]) => isAmong(file, read) && !isAmong(file, skip));
  const readable = [...lines.keys()].filter((file) => isAmong(file, read));
  const unread = read.filter((entry) => !readable.some((file) => isIn(file, entry)));
  const unskipped = skip.filter((entry) => !readable.some((file) => isIn(file, entry)));
  return {
    files: files.length,
    lines: files.reduce((sum, [, count]) => sum + count, 0),
    unmatched: [...unread, ...unskipped],
  };
}

/** What is wrong with a path, one sentence each. */
export function pathFaults({ name, maxLines }: ReadingPath, { lines, unmatched }: PathLines): string[] {
  const stale = unmatched.map((entry) => `${name}: ${entry} names no code; correct the list`);
  return lines > maxLines ? [...stale, `${name}: ${lines} lines, over ${maxLines}`] : stale;
}

async function linesOf(path: string): Promise<number> {
  return (await readFile(path, "utf8")).trimEnd().split("\n").length;
}

const isAmong = (file: string, entries: readonly string[]): boolean => entries.some((entry) => isIn(file, entry));
const isIn = (file: string, entry: string): boolean => file === entry || file.startsWith(`${entry}/`);
