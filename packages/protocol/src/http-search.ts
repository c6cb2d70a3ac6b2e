import { z } from "zod";
import { UUID_PATTERN } from "./ids.ts";
import { publicUser, roomId, seq, time } from "./schemas.ts";
import { SEARCH_MAX_LENGTH } from "./search-query.ts";
import { rule, storable } from "./strings.ts";

export const searchParameters = z.strictObject({
  /** See `parseSearch`. */
  q: storable
    .min(1)
    .max(SEARCH_MAX_LENGTH)
    .meta({ ...rule("must be a search, as docs/search.md describes it"), examples: ["tea"] }),
  cursor: z
    .string()
    .regex(
      new RegExp(`^\\d{1,15}_${UUID_PATTERN.source.slice(1, -1)}_\\d{1,15}$`),
      "must be a cursor of an earlier page",
    )
    .optional(),
});
/**
 * A message with its present text. `highlights`: where the text has what was searched for, in UTF-16 units,
 * `end` exclusive, rising, without overlap. `thread`: the first message of its thread.
 */
export const searchResult = z.object({
  room: roomId,
  seq,
  at: time,
  by: publicUser,
  text: z.string(),
  highlights: z.array(z.object({ start: z.int(), end: z.int() })),
  thread: seq.optional(),
  edited: z.literal(true).optional(),
  pinned: z.literal(true).optional(),
});
export type SearchResult = z.output<typeof searchResult>;
/**
 * The newest first. `cursor`: there may be more; a page may have few results or none and still have one, because its work
 * is bounded. `partial`: that bound ended this page.
 */
export const searchPage = z.object({
  results: z.array(searchResult),
  cursor: z.string().optional(),
  partial: z.literal(true).optional(),
});
export type SearchPage = z.output<typeof searchPage>;
