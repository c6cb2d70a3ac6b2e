import type { SearchPage } from "@hubbub/protocol";
import { clock } from "../../chat/render.ts";
import { harmlessLine } from "../../harmless.ts";
import { type Found, ranked } from "./find.ts";

/** A message that a list leads to. */
export interface Hit {
  readonly room: string;
  readonly seq: number;
  readonly label: string;
}

/** A list in the place of the messages, from which one line is chosen. */
export type Overlay =
  | { readonly kind: "finder"; readonly all: readonly Found[]; readonly query: string; readonly at: number }
  | { readonly kind: "hits"; readonly title: string; readonly hits: readonly Hit[]; readonly at: number };

/** The lines of it. */
export function labelsOf(overlay: Overlay): string[] {
  if (overlay.kind === "hits") return overlay.hits.map(({ label }) => label);
  return found(overlay).map(({ kind, name }) => {
    if (kind === "person" || kind === "direct room") return `@ ${harmlessLine(name)}`;
    return `# ${harmlessLine(name)}${kind === "room" ? "" : "  (not joined)"}`;
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
  return results.map(({ room, seq, at, by, text }) => {
    const day = new Date(at).toISOString().slice(0, 10);
    return { room, seq, label: harmlessLine(`${day} ${clock(at)}  ${nameOf(room)}  ${by.username}: ${text}`) };
  });
}
