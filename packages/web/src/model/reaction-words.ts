/** People who are named; the others are counted. */
export const NAMED_MAX = 10;

/** Names the people who reacted. `names`: of the first ones, undefined for an unknown user. `others`: how many more there are. */
export function reactionWords(names: readonly (string | undefined)[], others: number): string {
  const known = names.filter((name) => name !== undefined);
  const unnamed = others + names.length - known.length;
  const last = unnamed === 0 ? [] : [unnamed === 1 ? "one other" : `${unnamed} others`];
  const all =
    known.length === 0 && unnamed > 0 ? [unnamed === 1 ? "one person" : `${unnamed} people`] : [...known, ...last];
  const end = all.pop() ?? "";
  return all.length === 0 ? end : `${all.join(", ")} and ${end}`;
}
