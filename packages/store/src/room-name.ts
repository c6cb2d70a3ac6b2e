/** Letters of other scripts that look like Latin ones in every font. Digits and Latin letters are left as they are. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [..."аеорсухіјѕԁһοαρν"].map((letter, index) => [letter, [..."aeopcyxijsdhoapv"][index] ?? letter]),
);

/**
 * The unique key of public names: names with the same key look alike. Compatibility forms, case, invisible
 * characters, runs of blanks and lookalike letters make no difference.
 */
export function roomNameKey(name: string): string {
  const folded = name
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase()
    .normalize("NFKC");
  return Array.from(folded, (letter) => LOOKALIKES.get(letter) ?? letter)
    .join("")
    .replace(/\s+/gu, " ")
    .trim();
}
