/** People who are named; the others are counted. */
export const NAMED_MAX = 10;

/** Who has reacted. `names`: of the first ones, undefined for who is not known. `others`: beside these. */
export function reactionWords(names: readonly (string | undefined)[], others: number): string {
  const known = names.filter((name) => name !== undefined);
  const unnamed = others + names.length - known.length;
  const last = unnamed === 0 ? [] : [unnamed === 1 ? "one other" : `${unnamed} others`];
  const all =
    known.length === 0 && unnamed > 0 ? [unnamed === 1 ? "one person" : `${unnamed} people`] : [...known, ...last];
  const end = all.pop() ?? "";
  return all.length === 0 ? end : `${all.join(", ")} and ${end}`;
}
