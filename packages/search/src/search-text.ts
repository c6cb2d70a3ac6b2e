/**
 * How texts stand in the index, and how needles are compared with them. Both become a text of ASCII, so that the index of
 * trigrams works whatever locale the database has: with the locale C, `pg_trgm` skips all other letters.
 */

/** Marks of Latin, Greek and Cyrillic letters. Other scripts need theirs. */
const ACCENTS = /[\u0300-\u036f]/g;
const QUOTES: ReadonlyMap<string, string> = new Map([
  ...[..."‘’‚‛"].map((quote) => [quote, "'"] as const),
  ...[..."“”„‟«»"].map((quote) => [quote, '"'] as const),
]);
const LOOKALIKE = /[\u2010-\u2015\u2212]|[‘’‚‛“”„‟«»]|ς/g;

/** To normalise marks behind one letter takes the square of their number. No language needs more than these (UAX #15, 13). */
const MARKS_TOO_MANY = /(\p{M}{30})\p{M}+/gu;

/** Without differences that a reader does not mean: case, accents, widths, curly quotes, kinds of dashes and of blanks. */
export function fold(text: string): string {
  return text
    .replace(MARKS_TOO_MANY, "$1")
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(ACCENTS, "")
    .replace(LOOKALIKE, (char) => QUOTES.get(char) ?? (char === "ς" ? "σ" : "-"))
    .replace(/\s+/gu, " ");
}

const NOT_ASCII = /[^\0-\x7f]/gu;
const LETTERS = 26;
/** Letters of the index for one of the text, by the first and last code of its script. Of all other scripts it is one. */
const SPELLINGS: readonly { readonly first: number; readonly last: number; readonly letters: number }[] = [
  { first: 0x3040, last: 0x30ff, letters: 2 }, // kana
  { first: 0x3400, last: 0x9fff, letters: 3 }, // Han
  { first: 0xac00, last: 0xd7a3, letters: 3 }, // syllables of Hangul
];

/**
 * An ideograph or a syllable becomes three capitals, so it is a trigram by itself: words of one or two can be looked up. Of
 * most scripts a letter becomes one, so a trigram is three letters as in Latin. Texts that differ may become the same, so
 * what is found is compared with the text itself. But what is ASCII in a needle is ASCII in the text: no folded ASCII
 * has capitals.
 */
export function toIndexText(text: string): string {
  return fold(text).replace(NOT_ASCII, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const spelling = SPELLINGS.find(({ first, last }) => code >= first && code <= last);
    return toCapitals(code, spelling?.letters ?? 1);
  });
}

function toCapitals(code: number, letters: number): string {
  const rest = letters === 1 ? "" : toCapitals(Math.floor(code / LETTERS), letters - 1);
  return String.fromCharCode(0x41 + (code % LETTERS)) + rest;
}

/** Whether documents that have this needle are found by their index texts without an error. */
export function isExact(needle: string): boolean {
  return /^[\0-\x7f]*$/.test(fold(needle));
}

/** Whether the index of trigrams can look this needle up, as `toIndexText` spells it. */
export function hasTrigram(needle: string): boolean {
  return /[a-z0-9]{3}/i.test(needle);
}

/** Where a text has the needles, as [start, end) in UTF-16 units, rising, without overlap; null: it lacks one of them. */
export function findNeedles(text: string, needles: readonly string[]): [number, number][] | null {
  const { folded, starts } = foldWithPositions(text);
  const found: [number, number][] = [];
  // Of a lone accent nothing is left: every text has it, nowhere.
  for (const needle of needles.map(fold).filter((folded) => folded !== "")) {
    let at = folded.indexOf(needle);
    if (at === -1) return null;
    for (; at !== -1; at = folded.indexOf(needle, at + needle.length)) {
      found.push([starts[at] ?? 0, endOf(starts, at + needle.length - 1, text.length)]);
    }
  }
  return merge(found);
}

/** By what a reader takes for one character: an accent may stand after its letter. */
const CHARACTERS = new Intl.Segmenter("en", { granularity: "grapheme" });

interface Folded {
  readonly folded: string;
  /** For each unit of `folded` where the character begins in the text that it comes from. */
  readonly starts: readonly number[];
}

/** Runs of ASCII in which each character stands for itself: none of them forms one with its neighbour. */
const PLAIN = /(?<=^|[\0-\x7f])[\0-\x7f]+(?=[\0-\x7f]|$)/g;

/** As fast as `fold` where the text is ASCII: a search does it for each result. */
function foldWithPositions(text: string): Folded {
  const known = new Map<string, string>();
  const starts: number[] = [];
  let folded = "";
  const add = (character: string, index: number): void => {
    const part = known.get(character) ?? fold(character);
    known.set(character, part);
    // A run of blanks is one.
    if (part === " " && folded.endsWith(" ")) return;
    folded += part;
    for (let unit = 0; unit < part.length; unit += 1) starts.push(index);
  };
  const addCharacters = (from: number, to: number): void => {
    for (const { segment, index } of CHARACTERS.segment(text.slice(from, to))) add(segment, from + index);
  };
  let at = 0;
  for (const { 0: plain, index } of text.matchAll(PLAIN)) {
    addCharacters(at, index);
    at = index + plain.length;
    for (let unit = index; unit < at; unit += 1) add(text.charAt(unit), unit);
  }
  addCharacters(at, text.length);
  return { folded, starts };
}

function endOf(starts: readonly number[], last: number, length: number): number {
  const begin = starts[last];
  for (let at = last + 1; at < starts.length; at += 1) {
    const next = starts[at];
    if (next !== undefined && next !== begin) return next;
  }
  return length;
}

function merge(ranges: [number, number][]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [start, end] of ranges.sort(([one], [other]) => one - other)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
