import type { SearchPage } from "@hubbub/protocol";
import { clock, dayOf } from "../../chat/render.ts";
import { harmlessLine } from "../../harmless.ts";
import { type Found, ranked } from "./find.ts";

/** A message that a list leads to. */
export interface Hit {
  readonly room: string;
  readonly seq: number;
  readonly label: string;
  /** It leads into its thread. */
  readonly isThread?: boolean;
}

/** Of a text, what stands before the first place that was found. */
const BEFORE_FOUND = 20;

/** A list in the place of the messages, from which one line is chosen. */
export type Overlay =
  | { readonly kind: "finder"; readonly all: readonly Found[]; readonly query: string; readonly at: number }
  | { readonly kind: "hits"; readonly title: string; readonly hits: readonly Hit[]; readonly at: number };

/** The lines of it. */
export function labelsOf(overlay: Overlay): string[] {
  if (overlay.kind === "hits") return overlay.hits.map(({ label }) => label);
  return found(overlay).map(({ kind, name, news = "" }) => {
    const more = news === "" ? "" : `  ${news}`;
    if (kind === "person" || kind === "direct room") return `@ ${harmlessLine(name)}${more}`;
    return `# ${harmlessLine(name)}${kind === "other room" ? "  (not joined)" : more}`;
  });
}

export function found(overlay: Overlay): Found[] {
  return overlay.kind === "finder" ? ranked(overlay.all, overlay.query) : [];
}

/** Another line is chosen; the list has ends. */
export function moved(overlay: Overlay, step: number): Overlay {
  const last = Math.max(0, labelsOf(overlay).length - 1);
  return { ...overlay, at: Math.min(last, Math.max(0, overlay.at + step)) };
}

export function hitsOf({ results }: SearchPage, nameOf: (room: string) => string): Hit[] {
  const today = dayOf(Date.now());
  return results.map(({ room, seq, at, by, text, highlights: [first] }) => {
    const day = dayOf(at) === today ? "" : `${dayOf(at)} `;
    const what = excerpt(text, first?.start ?? 0);
    return { room, seq, label: harmlessLine(`${day}${clock(at)}  ${nameOf(room)}  ${by.username}: ${what}`) };
  });
}

/** A label has one row, and what was found is to be in it. */
function excerpt(text: string, at: number): string {
  const from = at <= 2 * BEFORE_FOUND ? 0 : text.lastIndexOf(" ", at - BEFORE_FOUND) + 1;
  return (from === 0 ? text : `… ${text.slice(from)}`).replaceAll("\n", " ");
}
