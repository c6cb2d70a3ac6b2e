/** How well a name fits what was typed: the higher, the better. 0: not at all. */
export const MATCH = { none: 0, fuzzy: 1, part: 2, word: 3, start: 4, whole: 5 } as const;

/** UTF-16 units of a query that are looked at. */
const QUERY_MAX = 64;
const WORD_START = /(?<=^|[\s._\-/#@])./gu;

/** Without case and accents. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase();
}

/** Prefix before start of a word before part before letters in their order. */
export function matchOf(query: string, name: string): number {
  const wanted = plain(query.slice(0, QUERY_MAX)).trim();
  if (wanted === "") return MATCH.part;
  const given = plain(name);
  if (given === wanted) return MATCH.whole;
  if (given.startsWith(wanted)) return MATCH.start;
  const isWord = [...given.matchAll(WORD_START)].some(({ index }) => given.startsWith(wanted, index));
  if (isWord) return MATCH.word;
  if (given.includes(wanted)) return MATCH.part;
  return isSpread(wanted, given) ? MATCH.fuzzy : MATCH.none;
}

function isSpread(wanted: string, given: string): boolean {
  let at = 0;
  for (const letter of wanted.replace(/\s+/g, "")) {
    at = given.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
