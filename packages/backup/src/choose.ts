import type { Catalogue } from "./catalogue.ts";
import type { Listing } from "./catalogues.ts";
import { RestoreRefused } from "./refusals.ts";

/** `latest`, a time, or the id of a backup. */
export type Wanted = "latest" | Date | { readonly id: string };

const ID = /^\d{8}T\d{6}Z-[0-9a-f]{4}$/;

/** null: it is none of these. */
export function parseWanted(text: string): Wanted | null {
  if (text === "latest") return "latest";
  if (ID.test(text)) return { id: text };
  const at = new Date(text);
  // A date alone would be midnight in UTC, which nobody means by it.
  return Number.isNaN(at.getTime()) || !text.includes(":") ? null : at;
}

/** The backup to begin with. @throws RestoreRefused */
export function choose(
  { backups, faults }: Pick<Listing, "backups" | "faults">,
  wanted: Wanted,
  kind: Catalogue["kind"] | null,
): Catalogue {
  const all = backups.map(({ catalogue }) => catalogue);
  const ofKind = kind === null ? all : all.filter((one) => one.kind === kind);
  const found = ofKind.findLast((catalogue) => matches(catalogue, wanted));
  if (found === undefined) throw new RestoreRefused([nothingFound(all, wanted), ...faults]);
  const others = new Set(all.map(({ cluster }) => cluster));
  if (others.size > 1 && !(typeof wanted === "object" && "id" in wanted))
    throw new RestoreRefused([
      `the target has backups of ${others.size} clusters (${[...others].join(", ")}): name one with --to ID, as \`hubbub backup list\` shows them`,
    ]);
  return found;
}

function matches(catalogue: Catalogue, wanted: Wanted): boolean {
  if (wanted === "latest") return true;
  if (wanted instanceof Date) return Date.parse(catalogue.takenAt) <= wanted.getTime();
  return catalogue.id === wanted.id;
}

function nothingFound(all: readonly Catalogue[], wanted: Wanted): string {
  const [oldest] = all;
  if (oldest === undefined) return "the target has no backup";
  if (wanted instanceof Date)
    return `no backup is as old as ${wanted.toISOString()}: the oldest one is of ${oldest.takenAt}`;
  return wanted === "latest" ? "the target has no backup of this kind" : `the target has no backup ${wanted.id}`;
}
