import type { Message } from "@hubbub/client";
import type { Entry } from "./entries.ts";
import { type Looks, rowsOf } from "./rows.ts";
import { type Anchor, type Column, centred, reveal, scrolled, visible } from "./scroll.ts";
import type { Row } from "./spans.ts";

interface Cached {
  readonly source: unknown;
  readonly stamp: string;
  readonly rows: readonly Row[];
}

interface Laid {
  readonly rows: Row[];
  readonly isTop: boolean;
  readonly unnamed: Message | undefined;
  readonly newLine: "seen" | "above" | undefined;
}

/** A column of messages: what of it is seen, and which message is selected. */
export class Pane {
  anchor: Anchor;
  selected: string | undefined;
  #entries: readonly Entry[] = [];
  #column: Column = { keys: [], rowsAt: () => [] };
  #height = 1;
  #cache = new Map<string, Cached>();
  /** Seen as soon as it is there. */
  #wanted: string | undefined;
  /** Read from its beginning as soon as it is there, where it is higher than the pane. */
  #long: string | undefined;

  /**
   * The rows that are seen. `isTop`: what is before them is not loaded. `unnamed`: the first message, where the name of its author
   * stands above what is seen.
   */
  layOut(entries: readonly Entry[], given: Omit<Looks, "selected">, height: number): Laid {
    this.#entries = entries;
    this.#height = height;
    if (this.#cache.size > 2 * entries.length + 200) this.#cache.clear();
    const found = entries.find(({ key }) => key === this.#wanted)?.key;
    if (found !== undefined) this.selected = found;
    const looks = { ...given, selected: this.selected };
    this.#column = {
      keys: entries.map(({ key }) => key),
      rowsAt: (index) => this.#rowsAt(index, looks),
    };
    if (found !== undefined) {
      this.anchor = centred(this.#column, found, height);
      this.#wanted = undefined;
    }
    this.#begin(height);
    const { rows, isTop, keys, cut } = visible(this.#column, this.anchor, height);
    const top = entries.find(({ key }) => key === keys[0]);
    const isNamed = top?.kind !== "message" || (top.isFirst && cut === 0);
    const place = this.#column.keys.indexOf("new");
    const isAbove = place !== -1 && place < this.#column.keys.indexOf(keys[0] ?? "");
    const newLine = keys.includes("new") ? "seen" : isAbove ? "above" : undefined;
    return { rows, isTop, unnamed: isNamed ? undefined : top.message, newLine };
  }

  /** The newest is seen, whatever comes. */
  get isAtEnd(): boolean {
    return this.anchor === undefined;
  }

  get chosen(): Entry | undefined {
    return this.#entries.find(({ key }) => key === this.selected);
  }

  /** Upwards if `pages` is positive. */
  page(pages: number): void {
    this.scroll(pages * Math.max(1, this.#height - 2));
  }

  scroll(rows: number): void {
    this.anchor = scrolled(this.#column, this.anchor, rows, this.#height);
  }

  /** Stays where it is, whatever is loaded behind it. */
  pin(): void {
    const last = this.#entries.at(-1);
    if (last !== undefined) this.anchor ??= { key: last.key, hidden: 0 };
  }

  toEnd(): void {
    this.anchor = undefined;
    this.selected = undefined;
    this.#long = undefined;
  }

  /** The message before (-1) or behind (1) the selected one; behind the last one none. */
  select(step: -1 | 1): void {
    const choices = this.#entries.filter(({ kind }) => kind === "message" || kind === "draft").map(({ key }) => key);
    const at = this.selected === undefined ? -1 : choices.indexOf(this.selected);
    const next = at === -1 ? (step < 0 ? choices.length - 1 : choices.length) : Math.max(0, at + step);
    this.selected = choices[next];
    if (this.selected === undefined) this.toEnd();
    else this.anchor = reveal(this.#column, this.anchor, this.selected, this.#height);
  }

  /** Selects a message, and shows it in the middle. */
  show(key: string): void {
    this.#wanted = key;
  }

  /** An entry for the reader, from its beginning on. */
  begin(key: string): void {
    if (this.isAtEnd) this.#long = key;
  }

  #begin(height: number): void {
    const index = this.#column.keys.indexOf(this.#long ?? "");
    if (index === -1) return;
    const hidden = this.#column.rowsAt(index).length - height;
    if (hidden > 0 && this.#long !== undefined) this.anchor = { key: this.#long, hidden };
    this.#long = undefined;
  }

  #rowsAt(index: number, looks: Looks): readonly Row[] {
    const entry = this.#entries[index];
    if (entry === undefined) return [];
    const event = entry.kind === "message" ? entry.message.event : undefined;
    // What it quotes and links to changes without it.
    if (event?.replyTo !== undefined || event?.files !== undefined) return rowsOf(entry, looks);
    const isStored = event !== undefined && event.seq <= looks.durableSeq;
    const isFirst = entry.kind === "message" && entry.isFirst;
    const stamp = `${looks.columns} ${isFirst} ${isStored} ${entry.key === looks.selected}`;
    const source = sourceOf(entry);
    const cached = this.#cache.get(entry.key);
    if (cached !== undefined && cached.stamp === stamp && cached.source === source) return cached.rows;
    const rows = rowsOf(entry, looks);
    this.#cache.set(entry.key, { source, stamp, rows });
    return rows;
  }
}

function sourceOf(entry: Entry): unknown {
  switch (entry.kind) {
    case "message":
      return entry.message;
    case "draft":
      return entry.draft;
    case "said":
      return entry.lines;
    case "note":
      return entry.text;
    default:
      return undefined;
  }
}
