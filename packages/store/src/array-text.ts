export type Cell = string | number | null;

/**
 * An array as Postgres reads it. The driver can write it, too, for twice the CPU. An array of nulls is written empty: `unnest`
 * of several arrays fills up the shorter ones.
 */
export function arrayText(cells: readonly Cell[]): string {
  if (cells.every((cell) => cell === null)) return "{}";
  return `{${cells.map(elementText).join(",")}}`;
}

function elementText(cell: Cell): string | number {
  if (cell === null) return "NULL";
  if (typeof cell === "number") return cell;
  if (!(cell.includes('"') || cell.includes("\\"))) return `"${cell}"`;
  return `"${cell.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
