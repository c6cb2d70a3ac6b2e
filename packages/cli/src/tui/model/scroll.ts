import type { Row } from "./spans.ts";

/** The last row that is seen: of the entry `key`, so many of its rows are below. undefined: the newest one. */
export type Anchor = { readonly key: string; readonly hidden: number } | undefined;

/** Rows by entries, asked for one by one, so that what is not seen costs nothing. */
export interface Column {
  readonly keys: readonly string[];
  rowsAt(index: number): readonly Row[];
}

interface Place {
  index: number;
  hidden: number;
}

/** The rows that are seen, at most `height`. `isTop`: there is nothing above them. `cut`: rows of the first entry that are not seen. */
export function visible(
  column: Column,
  anchor: Anchor,
  height: number,
): { rows: Row[]; isTop: boolean; keys: string[]; cut: number } {
  const place = placeOf(column, anchor);
  const rows: Row[] = [];
  const keys: string[] = [];
  let { index, hidden } = place;
  let cut = 0;
  for (; index >= 0 && rows.length < height; index -= 1) {
    const own = column.rowsAt(index);
    const seen = own.slice(0, own.length - hidden).slice(-(height - rows.length));
    cut = own.length - hidden - seen.length;
    rows.unshift(...seen);
    keys.unshift(column.keys[index] ?? "");
    hidden = 0;
  }
  return { rows, isTop: index < 0, keys, cut };
}

/** Moves by rows, upwards if `by` is positive. What is seen stays full as long as there is enough. */
export function scrolled(column: Column, anchor: Anchor, by: number, height: number): Anchor {
  const place = placeOf(column, anchor);
  const least = by > 0 ? firstFull(column, height) : undefined;
  const moved = by > 0 ? up(column, place, by) : down(column, place, -by);
  const isAbove = least !== undefined && before(moved, least);
  return anchorOf(column, isAbove ? (before(place, least) ? place : least) : moved);
}

/** The entry is seen, with as little movement as possible. */
export function reveal(column: Column, anchor: Anchor, key: string, height: number): Anchor {
  const index = column.keys.indexOf(key);
  if (index === -1) return anchor;
  const place = placeOf(column, anchor);
  const own = column.rowsAt(index).length;
  if (index > place.index || (index === place.index && place.hidden > 0)) return anchorOf(column, { index, hidden: 0 });
  let below = -place.hidden;
  for (let at = place.index; at > index && below <= height; at -= 1) below += column.rowsAt(at).length;
  if (below + own <= height) return anchor;
  return anchorOf(column, down(column, { index, hidden: Math.max(0, own - height) }, Math.max(0, height - own)));
}

/** An entry in the middle of what is seen. */
export function centred(column: Column, key: string, height: number): Anchor {
  const index = column.keys.indexOf(key);
  return index === -1 ? undefined : anchorOf(column, down(column, { index, hidden: 0 }, Math.floor(height / 2)));
}

function placeOf({ keys }: Column, anchor: Anchor): Place {
  const index = anchor === undefined ? -1 : keys.lastIndexOf(anchor.key);
  return index === -1 ? { index: keys.length - 1, hidden: 0 } : { index, hidden: anchor?.hidden ?? 0 };
}

function anchorOf({ keys }: Column, { index, hidden }: Place): Anchor {
  const key = keys[index];
  return key === undefined || (index === keys.length - 1 && hidden === 0) ? undefined : { key, hidden };
}

/** Where the first rows fill the height. */
function firstFull(column: Column, height: number): Place {
  let missing = height;
  for (let index = 0; index < column.keys.length; index += 1) {
    const own = column.rowsAt(index).length;
    if (own >= missing) return { index, hidden: own - missing };
    missing -= own;
  }
  return { index: column.keys.length - 1, hidden: 0 };
}

function up(column: Column, { index, hidden }: Place, by: number): Place {
  let left = by;
  let at = index;
  let below = hidden;
  while (at >= 0) {
    const rest = column.rowsAt(at).length - below;
    if (left < rest) return { index: at, hidden: below + left };
    left -= rest;
    at -= 1;
    below = 0;
  }
  return { index: 0, hidden: 0 };
}

function down(column: Column, { index, hidden }: Place, by: number): Place {
  if (by <= hidden) return { index, hidden: hidden - by };
  let left = by - hidden;
  for (let at = index + 1; at < column.keys.length; at += 1) {
    const own = column.rowsAt(at).length;
    if (left <= own) return { index: at, hidden: own - left };
    left -= own;
  }
  return { index: column.keys.length - 1, hidden: 0 };
}

function before(one: Place, other: Place): boolean {
  return one.index < other.index || (one.index === other.index && one.hidden > other.hidden);
}
