/** A search as its text says it. Positions count UTF-16 units from 0. */
export interface SearchQuery {
  /** Words and phrases that a message must contain, all of them, as parts of words too. Never longer than the query. */
  readonly needles: readonly string[];
  /** Words and phrases that it must not contain. */
  readonly without: readonly string[];
  /** Names of authors without `@`; `me` is the caller. A message matches if one of them wrote it. */
  readonly from: readonly Operand[];
  /** Names or ids of rooms, without `#`. Of several one is enough. */
  readonly in: readonly Operand[];
  /** Unix ms: sent at or after `after`, and before `before`. */
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly hasLink: boolean;
  readonly hasFile: boolean;
  readonly isPinned: boolean;
}

export interface Operand {
  readonly value: string;
  /** Where it stands in the text. */
  readonly at: number;
}

/** Units of a query, and its words, phrases and operators. */
export const SEARCH_MAX_LENGTH = 512;
export const SEARCH_MAX_PARTS = 16;

/** What is wrong with a query, and where. */
export class SearchQueryError extends Error {
  override readonly name = "SearchQueryError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} (character ${at + 1})`);
    this.at = at;
  }
}

const OPERATORS = ["from", "in", "before", "after", "has", "is"] as const;
type Operator = (typeof OPERATORS)[number];

/** A minus sign, the name of an operator, and a phrase in quotes or a word. Keyboards make curly quotes. */
const PART = /(-?)(?:(from|in|before|after|has|is):)?(?:["“”„]([^"“”„]*)(["“”„]?)|(\S*))/iuy;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
/** A moment with its offset: without one it would depend on the clock of the server. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;

interface Part {
  readonly operator: Operator | undefined;
  readonly isExcluded: boolean;
  readonly value: string;
  readonly at: number;
}

/**
 * The one parser of searches: `word "a phrase" -word from:ada in:tea before:2026-01-31 after:2026-01-01 has:link is:pinned`.
 * Days are those of UTC; `after:` a day means: after its end. What looks like an operator and is none is a word.
 * @throws SearchQueryError
 */
export function parseSearch(text: string): SearchQuery {
  if (text.length > SEARCH_MAX_LENGTH) {
    throw new SearchQueryError(`a search has at most ${SEARCH_MAX_LENGTH} characters`, SEARCH_MAX_LENGTH);
  }
  const parts = splitParts(text);
  const beyond = parts[SEARCH_MAX_PARTS];
  if (beyond !== undefined) {
    throw new SearchQueryError(`a search has at most ${SEARCH_MAX_PARTS} words and operators`, beyond.at);
  }
  if (parts.every(({ isExcluded }) => isExcluded)) throw new SearchQueryError("say what to search for", 0);
  const words = parts.filter(({ operator }) => operator === undefined);
  const of = (operator: Operator) => parts.filter((part) => part.operator === operator);
  const has = of("has").map((part) => oneOf(part, ["link", "file"]));
  return {
    needles: words.filter(({ isExcluded }) => !isExcluded).map(({ value }) => value),
    without: words.filter(({ isExcluded }) => isExcluded).map(({ value }) => value),
    from: of("from").map((part) => named(part, "@")),
    in: of("in").map((part) => named(part, "#")),
    after: latest(of("after").map((part) => timeOf(part, DAY_MS))),
    before: earliest(of("before").map((part) => timeOf(part, 0))),
    hasLink: has.includes("link"),
    hasFile: has.includes("file"),
    isPinned: of("is").map((part) => oneOf(part, ["pinned"])).length > 0,
  };
}

function splitParts(text: string): Part[] {
  const parts: Part[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    PART.lastIndex = at;
    const [whole = "", minus = "", operator, phrase, quote, word = ""] = PART.exec(text) ?? [];
    if (phrase !== undefined && quote === "") throw new SearchQueryError("a quote is not closed", at);
    parts.push(toPart({ minus, operator, value: (phrase ?? word).trim(), isPhrase: phrase !== undefined, at }));
    at += Math.max(1, whole.length);
  }
  return parts;
}

function toPart(found: {
  minus: string;
  operator: string | undefined;
  value: string;
  isPhrase: boolean;
  at: number;
}): Part {
  const { minus, operator: name, value, at } = found;
  const operator = OPERATORS.find((known) => known === name?.toLowerCase());
  if (operator !== undefined && minus !== "") {
    throw new SearchQueryError(`only words and phrases can be excluded, not ${operator}:`, at);
  }
  if (value !== "") return { operator, isExcluded: minus !== "", value, at };
  if (operator !== undefined) throw new SearchQueryError(`${operator}: needs a value behind the colon`, at);
  if (found.isPhrase) throw new SearchQueryError("a phrase is empty", at);
  // A minus sign alone.
  return { operator, isExcluded: false, value: minus, at };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/u.test(text.charAt(at))) at += 1;
  return at;
}

function oneOf<Value extends string>({ operator, value, at }: Part, values: readonly Value[]): Value {
  const found = values.find((known) => known === value.toLowerCase());
  if (found === undefined) throw new SearchQueryError(`${operator}: takes ${values.join(" or ")}`, at);
  return found;
}

function named({ operator, value, at }: Part, mark: string): Operand {
  const name = value.startsWith(mark) ? value.slice(mark.length) : value;
  if (name === "") throw new SearchQueryError(`${operator}: needs a name behind the colon`, at);
  return { value: name, at };
}

/** `dayMs`: added where the value is a day. */
function timeOf({ operator, value, at }: Part, dayMs: number): number {
  const isDay = DAY.test(value);
  const time = isDay || MOMENT.test(value) ? Date.parse(value) : Number.NaN;
  // A day that is not in the calendar would be read as one of the next month.
  if (Number.isNaN(time) || (isDay && new Date(time).toISOString().slice(0, 10) !== value)) {
    throw new SearchQueryError(`${operator}: takes a day as 2026-01-31, or a moment as 2026-01-31T12:00Z`, at);
  }
  return isDay ? time + dayMs : time;
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}
