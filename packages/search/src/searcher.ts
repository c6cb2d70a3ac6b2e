import { setImmediate } from "node:timers/promises";
import { ProtocolError, parseSearch, type SearchPage, type SearchResult, type UserId } from "@hubbub/protocol";
import type { Found, FoundMessage, Search, SearchFilter, SearchPlace } from "@hubbub/store";
import { isUnavailable } from "@hubbub/store";
import { decodePlace, encodePlace, NEWEST } from "./place.ts";
import { type Question, resolveQuestion } from "./question.ts";
import { findNeedles, fold, hasTrigram } from "./search-text.ts";

const PER_PAGE = 20;
/** Some of what is found is not shown: the index is a moment behind, and it takes some texts for others. */
const LOOKED_AT = 2 * PER_PAGE;
/** Documents of the first look: enough for words that many messages have. */
const FIRST_DOCUMENTS = 2_000;
/** Documents that the index of trigrams may name: more of them are better read by time. */
const LOOK_UP_DOCUMENTS = 5_000;
/** Documents of the last look. What they do not reach is for the next page. */
const LAST_DOCUMENTS = 20_000;
/** Comparing texts goes on so long before others have their turn. */
const SLICE_MS = 5;
/** Of each look. */
const TIMEOUT_MS = 1_000;
type InTurn = (work: () => Promise<SearchPage>) => Promise<SearchPage>;

export interface Searcher {
  /** `inTurn` runs what asks the database. @throws ProtocolError bad_request, unknown_user, unknown_room, unsupported */
  page(user: UserId, text: string, cursor: string | undefined, inTurn?: InTurn): Promise<SearchPage>;
}

export function createSearcher(search: Search): Searcher {
  let isReady = false;
  return {
    async page(user, text, cursor, inTurn = (work) => work()) {
      const query = parseSearch(text);
      const behind = cursor === undefined ? NEWEST : decodePlace(cursor);
      return await inTurn(async () => {
        isReady ||= await search.isReady();
        if (!isReady) throw new ProtocolError("unsupported", "search needs the extension pg_trgm: see docs/search.md");
        return await readPage(search, await resolveQuestion(search, user, query), behind);
      });
    },
  };
}

async function readPage(search: Search, question: Question, behind: SearchPlace): Promise<SearchPage> {
  const found = await find(search, question, behind);
  const messages = await search.read(question.user, found.places);
  const results = await toResults(messages, question);
  const shown = results.slice(0, PER_PAGE);
  const last = results.length > PER_PAGE ? shown.at(-1) : undefined;
  const isFull = found.places.length >= LOOKED_AT;
  const end = last ?? (isFull ? found.places.at(-1) : found.horizon);
  return {
    results: shown,
    ...(end === undefined || end === null ? {} : { cursor: encodePlace(end) }),
    ...(last === undefined && !isFull && found.horizon !== null ? { partial: true as const } : {}),
  };
}

/**
 * Words that many messages have are found by reading the newest; words that few have, by looking them up. Between the two, and for
 * what cannot be looked up, more of the newest are read. So the work is bounded whatever is asked.
 */
async function find(search: Search, { user, filter }: Question, behind: SearchPlace): Promise<Found> {
  const scan = (from: SearchPlace, documents: number, results: number) =>
    search.scan(user, filter, from, { documents, results, timeoutMs: TIMEOUT_MS });
  const first = await scan(behind, FIRST_DOCUMENTS, LOOKED_AT);
  const wanted = LOOKED_AT - first.places.length;
  if (first.horizon === null || wanted === 0) return first;
  const rest =
    (await lookUp(search, { user, filter }, first.horizon, wanted)) ??
    (await scan(first.horizon, LAST_DOCUMENTS, wanted));
  return { places: [...first.places, ...rest.places], horizon: rest.horizon };
}

/** null: it would cost too much. */
async function lookUp(
  search: Search,
  { user, filter }: { user: UserId; filter: SearchFilter },
  behind: SearchPlace,
  results: number,
): Promise<Found | null> {
  const isByAuthor = filter.users !== undefined;
  const isByPin = filter.flags !== 0 && filter.rooms !== undefined;
  if (!isByAuthor && !isByPin && !filter.needles.some(hasTrigram)) return null;
  const bounds = { documents: LOOK_UP_DOCUMENTS, results, timeoutMs: TIMEOUT_MS };
  try {
    return await search.lookUp(user, filter, behind, bounds);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    // It took too long. If the database is away, the next look says so.
    return null;
  }
}

/** One more than a page shows. Long texts take their time, and others wait for none of them. */
async function toResults(messages: readonly FoundMessage[], question: Question): Promise<SearchResult[]> {
  const results: SearchResult[] = [];
  let since = performance.now();
  for (const message of messages) {
    const result = toResult(message, question);
    if (result !== null && results.push(result) > PER_PAGE) break;
    if (performance.now() - since < SLICE_MS) continue;
    await setImmediate();
    since = performance.now();
  }
  return results;
}

/** null: the present text does not match. */
function toResult(message: FoundMessage, { query }: Question): SearchResult | null {
  const { room, seq, at, by, text, thread, isEdited, isPinned } = message;
  const highlights = findNeedles(text, query.needles)?.map(([start, end]) => ({ start, end }));
  const folded = fold(text);
  const isExcluded = query.without.some((needle) => folded.includes(fold(needle)));
  if (highlights === undefined || isExcluded || (query.isPinned && !isPinned)) return null;
  return {
    ...{ room, seq, at, by, text, highlights },
    ...(thread === null ? {} : { thread }),
    ...(isEdited ? { edited: true as const } : {}),
    ...(isPinned ? { pinned: true as const } : {}),
  };
}
